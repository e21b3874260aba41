import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { frozenVectorsPath, makeFrozenVectors } from "./generate.ts";

test("our formats still come out as they were frozen", () => {
  expect(makeFrozenVectors()).toEqual(JSON.parse(readFileSync(frozenVectorsPath, "utf8")));
});
