import { expect, test } from "vitest";

import { canonicalize, type Json } from "../../src/base/canonical-json.ts";
import { missingReferenceVectors, readVectorFiles } from "./reference-vectors.ts";

test("the canonical JSON pairs of the RFC's author come out as published", (context) => {
  const reason = missingReferenceVectors();
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
    context.skip(reason);
  }
  const outputs = new Map(readVectorFiles("jcs/output").map(({ name, text }) => [name, text]));
  const inputs = readVectorFiles("jcs/input");
  for (const { name, text } of inputs) expect(canonicalize(JSON.parse(text) as Json), name).toBe(outputs.get(name));
  expect(inputs.length).toBe(6);
});
