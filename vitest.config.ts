import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "library/{src,test}/**/*.test.ts",
      "console/test/**/*.test.ts",
      "examples/**/*.test.ts",
      "scripts/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    pool: "forks",
    globalSetup: ["library/test/postgres/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
