import { gzipSync } from "node:zlib";

import { defineConfig, type Plugin } from "vite";

/** What a reader waits for before the first page, compressed. */
const initialLimitBytes = 250_000;

/** Prints what is loaded at first, and fails when it is too much. */
const measureInitial: Plugin = {
  name: "measure-initial",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const wanted = chunks.filter(({ isEntry }) => isEntry);
    for (const chunk of wanted) {
      for (const name of chunk.imports) {
        const other = chunks.find(({ fileName }) => fileName === name);
        if (other !== undefined && !wanted.includes(other)) wanted.push(other);
      }
    }
    const bytes = wanted.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
    process.stdout.write(`console: ${(bytes / 1000).toFixed(1)} kB of JavaScript at first (gzip)\n`);
    if (bytes > initialLimitBytes)
      this.error(`The first page loads ${bytes} bytes; the limit is ${initialLimitBytes}.`);
  },
};

/** Relative addresses, so that the console works under whatever prefix an application mounts it. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  logLevel: "warn",
  plugins: [measureInitial],
  build: {
    outDir: "../library/dist/console",
    emptyOutDir: true,
    target: "es2024",
    // Small files as data: addresses would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // React's packages mark their modules for servers, which there are none of here.
      onLog: (level, log, report) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : report(level, log)),
    },
  },
});
