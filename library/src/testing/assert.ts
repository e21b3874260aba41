import type { strict } from "node:assert";

/** Loading node:assert opens the process's error stream, and nothing happens on import: so it is loaded when it is used. */
export function loadAssert(): typeof strict {
  return process.getBuiltinModule("node:assert").strict;
}

/** The part of node:assert that the cases use; see there. */
interface Assert {
  ok(value: unknown, message?: string): asserts value;
  equal(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown, message?: string): void;
  rejects(work: Promise<unknown>, check?: (error: unknown) => boolean): Promise<void>;
  fail(message: string): never;
}

export const assert: Assert = {
  ok: (value, message) => loadAssert().ok(value, message),
  equal: (actual, expected, message) => loadAssert().equal(actual, expected, message),
  deepEqual: (actual, expected, message) => loadAssert().deepEqual(actual, expected, message),
  rejects: (work, check) => (check === undefined ? loadAssert().rejects(work) : loadAssert().rejects(work, check)),
  fail: (message) => loadAssert().fail(message),
};
