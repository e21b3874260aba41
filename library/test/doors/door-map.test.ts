import { expect, test } from "vitest";

import { withFixtureTree } from "../../../scripts/fixture-tree.ts";
import { exportLineFor, pageFor, readDoorMap } from "./door-map.ts";

const sqliteLine = { types: "./dist/stores/sqlite/index.d.ts", default: "./dist/stores/sqlite/index.js" };
const tree = {
  "library/package.json": JSON.stringify({
    exports: { "./package.json": "./package.json", "./sqlite": sqliteLine, ".": {} },
  }),
  "library/src/index.ts": "",
  "library/src/query/index.ts": "",
  "library/src/query/deep/index.ts": "",
  "library/src/stores/sqlite/index.ts": "",
  "library/src/stores/sqlite/migrations/index.ts": "",
  "library/src/delivery/index.ts": "",
  "library/src/base/errors.ts": "",
  "docs/guide/sqlite.md": '# SQLite: `auditrail/sqlite`\n\n```ts\nimport { x } from "auditrail/nowhere";\n```\n',
  "docs/guide/upgrading.md": "# Upgrading `something`\n",
  "docs/design/sqlite.md": "# Why `auditrail/sqlite` is so\n",
  "README.md": 'import { y } from "auditrail";\n',
};
const map = withFixtureTree(tree, readDoorMap);

test("doors are flat names, looked for at the top and in the folders of adapters", () => {
  expect(map.built.toSorted((a, b) => a.door.localeCompare(b.door))).toEqual([
    { door: "auditrail", folder: "" },
    { door: "auditrail/delivery", folder: "delivery/" },
    { door: "auditrail/query", folder: "query/" },
    { door: "auditrail/sqlite", folder: "stores/sqlite/" },
  ]);
  expect(map.misplaced.toSorted()).toEqual([
    "library/src/query/deep/index.ts",
    "library/src/stores/sqlite/migrations/index.ts",
  ]);
});

test("exports are doors, except for data", () => {
  expect(map.exported).toEqual(["auditrail", "auditrail/sqlite"]);
  expect(map.exportLines["auditrail/sqlite"]).toEqual(exportLineFor("stores/sqlite/"));
});

test("a guide page belongs to the door in its title, and other pages to none", () => {
  expect(map.documented).toEqual([{ door: "auditrail/sqlite", page: "docs/guide/sqlite.md" }]);
  expect([pageFor("auditrail/sqlite"), pageFor("auditrail")]).toEqual([
    "docs/guide/sqlite.md",
    "docs/guide/getting-started.md",
  ]);
});

test("imports in all documentation are found", () => {
  expect(map.imported).toEqual([
    { door: "auditrail/nowhere", page: "docs/guide/sqlite.md" },
    { door: "auditrail", page: "README.md" },
  ]);
});
