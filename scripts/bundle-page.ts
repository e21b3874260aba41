/** Bundles the script of the evidence page (library/src/evidence/page/) into the build's output. Part of `npm run build`. */

import { join } from "node:path";

import { rolldown } from "rolldown";

const library = join(import.meta.dirname, "../library");
const bundle = await rolldown({
  input: join(library, "src/evidence/page/main.ts"),
  platform: "browser",
  logLevel: "warn",
});
await bundle.write({ file: join(library, "dist/evidence/page-bundle.js"), format: "iife", minify: true });
await bundle.close();
