import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Most files keep nothing outside of themselves, so they share processes: starting one, and loading the library again,
    // costs more than most of them do.
    projects: [
      {
        extends: true,
        test: { name: "units", include: ["library/src/**/*.test.ts", "scripts/**/*.test.ts"], isolate: false },
      },
      {
        extends: true,
        test: {
          name: "systems",
          include: ["library/test/**/*.test.ts", "examples/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: ["library/test/fault/**", "**/node_modules/**"],
          isolate: false,
        },
      },
      {
        extends: true,
        // Each in a process of its own: they break things around them, and the programs they run are bundled for each file.
        test: { name: "faults", include: ["library/test/fault/**/*.test.ts"] },
      },
      {
        extends: true,
        // One after the other in one process, so that they share a Chromium and a trail that is filled once.
        test: {
          name: "console",
          include: ["console/test/**/*.test.ts"],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    pool: "forks",
    // Hundreds of threads begin and end in one process here. Where the processor has memory protection keys, V8 then loses
    // count of its code pages now and then, and ends the process: "Check failed: jit_page.has_value()".
    execArgv: ["--no-memory-protection-keys"],
    // Many tests wait for a disk, a browser or another process; vitest itself would keep to one process of two processors.
    maxWorkers: 2,
    globalSetup: ["library/test/postgres/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
