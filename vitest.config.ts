import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "workspace",
          include: [
            "library/{src,test}/**/*.test.ts",
            "examples/**/*.test.ts",
            "scripts/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        // One after the other in one process, so that they share a Chromium and a trail that is filled once.
        test: { name: "console", include: ["console/test/**/*.test.ts"], isolate: false, maxWorkers: 1 },
      },
    ],
    pool: "forks",
    globalSetup: ["library/test/postgres/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
