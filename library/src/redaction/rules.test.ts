import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { redactionRules } from "./rules.ts";

const page = readFileSync(new URL("../../../docs/reference/values.md", import.meta.url), "utf8");

describe("the rules of redaction", () => {
  test("are those in docs/reference/values.md", () => {
    const written = page
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").at(-2)!.trim())
      .filter((cell) => /^`[a-z-]+`(, `[a-z-]+`)*$/.test(cell))
      .flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, rule]) => rule!));
    expect([...new Set(written)].sort()).toEqual(Object.keys(redactionRules).sort());
  });
});
