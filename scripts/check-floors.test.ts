import { describe, expect, test } from "vitest";

import { checkFloors } from "./check-floors.ts";
import { withFixtureTree } from "./fixture-tree.ts";

const packageJson = JSON.stringify({ name: "auditrail", dependencies: { zod: "^4.0.0", "@noble/hashes": "^2.0.0" } });

/** What is said of a tree: `path:line rule` for each finding. Files named without a root lie in library/src. */
function check(files: Record<string, string>): string[] {
  return findingsOf(files).map(({ path, line, rule }) => `${path.replace("library/src/", "")}:${line} ${rule}`);
}

function findingsOf(files: Record<string, string>) {
  const tree: Record<string, string> = { "library/package.json": packageJson };
  for (const [path, text] of Object.entries(files)) {
    const isRooted = /^(library|console|examples|bench)\//.test(path);
    tree[isRooted ? path : `library/src/${path}`] = text;
  }
  return withFixtureTree(tree, (root) => checkFloors(root).findings);
}

const value = "export const value = 1;\n";
const importing = (...specifiers: string[]): string =>
  specifiers.map((path) => `import { value } from "${path}";\n`).join("");
const importingTypes = (path: string): string => `import type { value } from "${path}";\n`;

describe("direction", () => {
  test("imports that point down are accepted", () => {
    const files = {
      "base/a.ts": value,
      "event/a.ts": importing("../base/a.ts"),
      "trail/a.ts": importing("../event/a.ts", "../base/a.ts"),
      "stores/sqlite/a.ts": importing("../../trail/a.ts", "./deep/b.ts"),
      "stores/sqlite/deep/b.ts": importing("../../../base/a.ts"),
      "alerts/a.ts": importing("../trail/a.ts"),
      "cli/a.ts": importing("../stores/sqlite/a.ts", "../alerts/a.ts"),
    };
    expect(check(files)).toEqual([]);
  });

  test("an import that points up is refused, with its line and what to do", () => {
    const [finding] = findingsOf({ "base/a.ts": `\n${importing("../event/a.ts")}`, "event/a.ts": value });
    expect(finding).toMatchObject({
      path: "library/src/base/a.ts",
      line: 2,
      rule: "upwards",
      found: 'imports "../event/a.ts"',
    });
    expect(finding?.todo).toContain("base/ is on floor 0, event/ on floor 1");
  });

  test("types, re-exports, import() and require() point down too", () => {
    const files = {
      "base/a.ts": importingTypes("../trail/a.ts"),
      "base/b.ts": 'export * from "../trail/a.ts";\n',
      "base/c.ts": 'export const c = (): Promise<unknown> => import("../trail/a.ts");\n',
      "base/d.ts": 'export type D = import("../trail/a.ts").D;\n',
      "base/e.ts": 'const e = require("../trail/a.ts");\n',
      "trail/a.ts": value,
    };
    expect(check(files)).toEqual(["a", "b", "c", "d", "e"].map((name) => `base/${name}.ts:1 upwards`));
  });

  test("folders on one floor do not import each other", () => {
    const files = {
      "context/a.ts": importingTypes("../query/a.ts"),
      "query/a.ts": value,
      "alerts/a.ts": importing("../reports/a.ts"),
      "reports/a.ts": value,
      "server/a.ts": importing("../cli/a.ts"),
      "cli/a.ts": value,
    };
    expect(check(files)).toEqual(["alerts/a.ts:1 sideways", "context/a.ts:1 sideways", "server/a.ts:1 sideways"]);
  });

  test.each(["redaction", "query", "context"])("%s/ may import types of event/, and only types", (folder) => {
    const files = {
      "event/a.ts": value,
      [`${folder}/a.ts`]: importingTypes("../event/a.ts"),
      [`${folder}/b.ts`]: importing("../event/a.ts"),
      [`${folder}/c.ts`]: 'import { type value } from "../event/a.ts";\n',
    };
    expect(check(files)).toEqual([`${folder}/b.ts:1 types-only`, `${folder}/c.ts:1 types-only`]);
  });

  test("integrity/ imports only base/", () => {
    const files = { "base/a.ts": value, "event/a.ts": value, "integrity/a.ts": importing("../base/a.ts") };
    expect(check(files)).toEqual([]);
    expect(check({ ...files, "integrity/a.ts": importingTypes("../event/a.ts") })).toEqual([
      "integrity/a.ts:1 integrity-alone",
    ]);
  });

  test("adapters never import one another, nor the files beside another family's adapters", () => {
    const files = {
      "stores/sqlite/a.ts": importing("../memory/a.ts"),
      "stores/memory/a.ts": importing("../shared.ts"),
      "stores/shared.ts": value,
      "capture/hono/a.ts": importing("../../delivery/destination.ts"),
      "delivery/destination.ts": value,
    };
    const adapters = ["capture/hono/a.ts", "stores/memory/a.ts", "stores/sqlite/a.ts"];
    expect(check(files)).toEqual(adapters.map((path) => `${path}:1 adapters-apart`));
  });

  test("an adapter may import the contract of its own family, which must not import an adapter", () => {
    const files = { "delivery/destination.ts": value, "delivery/webhook/a.ts": importing("../destination.ts") };
    expect(check(files)).toEqual([]);
    const turned = { "delivery/dispatcher.ts": importing("./webhook/a.ts"), "delivery/webhook/a.ts": value };
    expect(check(turned)).toEqual(["delivery/dispatcher.ts:1 adapters-apart"]);
  });

  test("testing/ may import floors 0 to 2 and stores/memory", () => {
    const files = {
      "trail/a.ts": value,
      "stores/memory/a.ts": value,
      "stores/sqlite/a.ts": value,
      "testing/a.ts": importing("../trail/a.ts", "../stores/memory/a.ts"),
    };
    expect(check(files)).toEqual([]);
    expect(check({ ...files, "testing/b.ts": importing("../stores/sqlite/a.ts") })).toEqual(["testing/b.ts:1 testing"]);
  });

  test("a folder without a floor is refused", () => {
    expect(check({ "utils/a.ts": value, "b.ts": value })).toEqual([
      "b.ts:1 unknown-folder",
      "utils/a.ts:1 unknown-folder",
    ]);
  });
});

describe("what the library may load", () => {
  test("floors 0 and 1 import no Node module, context/ and higher floors do", () => {
    const files = {
      "base/a.ts": 'import { hash } from "node:crypto";\n',
      "query/a.ts": 'import type { Readable } from "stream";\n',
      "base/b.ts": 'export const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");\n',
      "context/a.ts": 'import { AsyncLocalStorage } from "node:async_hooks";\n',
      "trail/a.ts": 'import { open } from "node:fs/promises";\n',
    };
    expect(check(files)).toEqual(["base/a.ts:1 node-module", "query/a.ts:1 node-module"]);
  });

  test("only packages that library/package.json depends on are imported, their types too", () => {
    const files = {
      "event/a.ts": 'import { z } from "zod";\nimport { sha256 } from "@noble/hashes/sha2.js";\n',
      "capture/hono/a.ts": 'import type { Context } from "hono";\n',
    };
    expect(check(files)).toEqual(["capture/hono/a.ts:1 undeclared-package"]);
  });

  test("the library does not import itself by name, or anything beside its src", () => {
    const files = {
      "trail/a.ts": 'import { value } from "auditrail/query";\nimport json from "../../package.json";\n',
      "trail/b.ts": 'import "./missing.ts";\nimport "./c";\n',
      "trail/c.ts": value,
    };
    expect(check(files)).toEqual([
      "trail/a.ts:1 own-name",
      "trail/a.ts:2 outside",
      "trail/b.ts:1 missing-file",
      "trail/b.ts:2 missing-file",
    ]);
  });

  test("the clock is read only in base/", () => {
    const files = {
      "base/a.ts": "export const now = new Date();\n",
      "trail/a.ts": "const then = new Date(0);\nconst now = new Date();\n",
    };
    expect(check(files)).toEqual(["trail/a.ts:2 wall-clock"]);
  });
});

describe("doors", () => {
  const files = { "base/a.ts": value, "stores/sqlite/a.ts": value, "query/a.ts": value };

  test("a door that only exports is accepted, the root's door onto every floor", () => {
    const doors = {
      "index.ts": 'export { value } from "./stores/sqlite/a.ts";\nexport type * from "./base/a.ts";\n',
      "stores/sqlite/index.ts": 'export * from "./a.ts";\n',
      "query/index.ts": "/** Words. */\nexport { value } from './a.ts';\n",
    };
    expect(check({ ...files, ...doors })).toEqual([]);
  });

  test("a door that holds anything else is refused", () => {
    const door = 'import { value } from "./a.ts";\nexport { value };\nexport const other = 1;\n';
    expect(check({ ...files, "query/index.ts": door })).toEqual(
      [1, 2, 3].map((line) => `query/index.ts:${line} door-exports-only`),
    );
  });

  test("nobody inside goes through a door", () => {
    const through = {
      "query/index.ts": 'export * from "./a.ts";\n',
      "query/b.ts": importing("./index.ts"),
      "index.ts": 'export * from "./query/index.ts";\n',
    };
    expect(check({ ...files, ...through })).toEqual(["index.ts:1 inside-door", "query/b.ts:1 inside-door"]);
  });

  test("the door of a family opens onto its adapters, that of an adapter onto itself only", () => {
    const delivery = { "delivery/webhook/a.ts": value, "delivery/syslog/a.ts": value };
    const wide = { ...delivery, "delivery/index.ts": 'export * from "./webhook/a.ts";\n' };
    expect(check(wide)).toEqual([]);
    const crossed = { ...delivery, "delivery/webhook/index.ts": 'export * from "../syslog/a.ts";\n' };
    expect(check(crossed)).toEqual(["delivery/webhook/index.ts:1 adapters-apart"]);
  });
});

describe("circles", () => {
  test("a circle of imports is refused once, and listed", () => {
    const findings = findingsOf({
      "trail/a.ts": importing("./b.ts"),
      "trail/b.ts": importing("./c.ts"),
      "trail/c.ts": importing("./a.ts"),
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ rule: "import-cycle", path: "library/src/trail/a.ts", line: 1 });
    expect(findings[0]?.found).toMatch(/trail\/a\.ts → .*trail\/b\.ts → .*trail\/c\.ts → .*trail\/a\.ts$/);
  });

  test("two circles that do not touch are two findings, and a file that imports itself is one", () => {
    const pair = (name: string) => ({ [`${name}/a.ts`]: importing("./b.ts"), [`${name}/b.ts`]: importing("./a.ts") });
    const files = { ...pair("query"), ...pair("event"), "base/self.ts": importing("./self.ts") };
    expect(check(files)).toEqual([
      "base/self.ts:1 import-cycle",
      "event/a.ts:1 import-cycle",
      "query/a.ts:1 import-cycle",
    ]);
  });

  test("types and lazy imports close no circle; `import { type X }` does", () => {
    const back = (text: string) => check({ "trail/a.ts": importing("./b.ts"), "trail/b.ts": text });
    expect(back(importingTypes("./a.ts"))).toEqual([]);
    expect(back('export const late = () => import("./a.ts");\n')).toEqual([]);
    expect(back('import { type value } from "./a.ts";\n')).toEqual(["trail/a.ts:1 import-cycle"]);
  });
});

describe("test files", () => {
  const upwards = importing("../trail/a.ts");

  test("may import from anywhere, but nobody imports them", () => {
    const files = {
      "trail/a.ts": value,
      "base/a.test.ts": upwards,
      "library/test/contracts/a.test.ts": importing("../../src/base/a.test.ts"),
    };
    expect(check(files)).toEqual([]);
    expect(check({ "base/a.test.ts": value, "base/b.ts": importing("./a.test.ts") })).toEqual([
      "base/b.ts:1 test-file",
    ]);
  });

  test("have to parse like all others", () => {
    expect(check({ "base/a.test.ts": "const = 1;\n", "library/test/b.ts": "\nconst =;\n" })).toEqual([
      "base/a.test.ts:1 parse",
      "library/test/b.ts:2 parse",
    ]);
  });
});

describe("console, examples and bench", () => {
  test("use public doors only", () => {
    const files = {
      "base/a.ts": value,
      "examples/shop/main.ts": 'import { x } from "auditrail/sqlite";\nimport { y } from "./deep/y.ts";\n',
      "examples/shop/deep/y.ts": importing("../../../library/src/base/a.ts"),
      "examples/shop/y.test.ts": importing("../../library/src/base/a.ts"),
      "bench/main.ts": importing("../library/src/base/a.ts"),
    };
    expect(check(files)).toEqual([
      "examples/shop/deep/y.ts:1 public-doors",
      "examples/shop/y.test.ts:1 public-doors",
      "bench/main.ts:1 public-doors",
    ]);
  });

  test("stand alone", () => {
    const files = { "examples/shop/main.ts": importing("../other/a.ts"), "examples/other/a.ts": value };
    expect(check(files)).toEqual(["examples/shop/main.ts:1 outside"]);
  });

  test("the console loads only integrity and query, and may know types of the rest", () => {
    const files = {
      "console/src/App.tsx":
        'import { verify } from "auditrail/integrity";\nimport type { Entry } from "auditrail";\nexport const App = () => <p />;\n',
      "console/src/api.ts": 'import { openTrail } from "auditrail";\n',
    };
    expect(check(files)).toEqual(["console/src/api.ts:1 console-doors"]);
  });
});
