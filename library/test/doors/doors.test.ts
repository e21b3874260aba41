import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

import { exportLineFor, pageFor, readDoorMap } from "./door-map.ts";

const repository = join(import.meta.dirname, "../../..");
const { exported, exportLines, built, misplaced, documented, imported } = readDoorMap(repository);

describe("export lines, folders and guide pages are the same doors", () => {
  test("every index.ts lies where a door can be", () => {
    expect(misplaced, "a door is at the top of library/src, in a folder there, or in an adapter's folder").toEqual([]);
  });

  test("every folder with an index.ts is exported", () => {
    const missing = built.filter(({ door }) => !exported.includes(door));
    expect(missing, 'add them to "exports" of library/package.json, or remove their index.ts').toEqual([]);
  });

  test.each(exported)("%s is exactly one folder, and its export line leads there", (door) => {
    const folders = built.filter((item) => item.door === door).map(({ folder }) => folder);
    expect(folders, `one folder for ${door} has to have an index.ts`).toHaveLength(1);
    expect(exportLines[door]).toEqual(exportLineFor(folders[0]!));
  });

  test.each(exported)("%s has a guide page whose title names it", (door) => {
    const pages = documented.filter((item) => item.door === door).map(({ page }) => page);
    expect(pages, `write ${pageFor(door)} with \`${door}\` (in backquotes) in its title`).toEqual([pageFor(door)]);
  });

  test("no guide page is about a door that does not exist", () => {
    expect(documented.filter(({ door }) => !exported.includes(door))).toEqual([]);
  });

  test("no documentation imports a door that does not exist", () => {
    expect(imported.filter(({ door }) => !exported.includes(door))).toEqual([]);
  });
});

/** Runs in a plain Node process: tells what importing a door left behind. zod keeps a registry on globalThis, as it has to. */
const probe = `
const timers = [];
for (const name of ["setTimeout", "setInterval", "setImmediate"]) {
  const original = globalThis[name];
  globalThis[name] = (...given) => (timers.push(name), original(...given));
}
const globals = () => Object.keys(globalThis).filter((name) => !name.startsWith("__zod_"));
const before = { globals: globals(), events: process.eventNames(), resources: process.getActiveResourcesInfo() };
const door = await import(process.argv[1]);
const added = (now, then) => now.filter((item) => !then.includes(item)).map(String);
console.log(JSON.stringify({
  exports: Object.keys(door).length,
  timers,
  globals: added(globals(), before.globals),
  events: added(process.eventNames(), before.events),
  resources: added(process.getActiveResourcesInfo(), before.resources),
}));`;

const run = promisify(execFile);

describe("importing a built door", () => {
  test.each(exported)("%s has no effect, and the process ends by itself", async (door) => {
    const folder = built.find((item) => item.door === door)?.folder ?? "";
    const file = join(repository, "library/dist", folder, "index.js");
    expect(existsSync(file), `${file} is missing: run \`npm run build\` first`).toBe(true);
    const options = { cwd: repository, timeout: 20_000, env: { ...process.env, NODE_OPTIONS: "" } };
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "--eval", probe, door], options);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      exports: expect.any(Number),
      timers: [],
      globals: [],
      events: [],
      resources: [],
    });
  });
});
