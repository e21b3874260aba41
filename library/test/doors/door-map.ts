/** Which doors there are, as each of three places says: package.json, the folders, and the guide. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { doorParents } from "../../../scripts/floors.ts";

export const repository = join(import.meta.dirname, "../../..");
const sources = join(repository, "library/src");
const guide = join(repository, "docs/guide");

/** The page of the door that has no name of its own. */
const rootPage = "getting-started";

/** A door's public name: `auditrail`, `auditrail/sqlite`. */
export type Door = string;

interface PackageJson {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

function readExports(): PackageJson["exports"] {
  return (JSON.parse(readFileSync(join(repository, "library/package.json"), "utf8")) as PackageJson).exports;
}

/** Export subpaths that are data, not code. */
const dataExports = new Set(["./package.json"]);

export function exportedDoors(): Door[] {
  return Object.keys(readExports())
    .filter((subpath) => !dataExports.has(subpath))
    .map((subpath) => `auditrail${subpath.slice(1)}`)
    .toSorted();
}

/** The export line of a door, and the line its folder asks for. */
export function exportLine(door: Door): { found: unknown; expected: unknown } {
  const folder = foldersOf(door)[0] ?? "";
  const file = `./dist/${folder}index`;
  return {
    found: readExports()[`.${door.slice("auditrail".length)}`],
    expected: { types: `${file}.d.ts`, default: `${file}.js` },
  };
}

/** Where a door's folder is, from library/src and with a `/` at its end: looked for in `sqlite/`, `stores/sqlite/`, … */
export function foldersOf(door: Door): string[] {
  const name = door.slice("auditrail/".length);
  const candidates = name === "" ? [""] : doorParents.map((parent) => `${parent}${name}/`);
  return candidates.filter((folder) => existsSync(join(sources, folder, "index.ts")));
}

/** Every `index.ts` below library/src, as the door that it is. */
export function builtDoors(): { doors: Door[]; misplaced: string[] } {
  const doors: Door[] = [];
  const misplaced: string[] = [];
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" });
  for (const file of files.map((path) => path.replaceAll("\\", "/"))) {
    if (file !== "index.ts" && !file.endsWith("/index.ts")) continue;
    const folder = file.slice(0, -"index.ts".length);
    const parent = doorParents
      .filter((candidate) => folder.startsWith(candidate) && folder !== candidate)
      .toSorted()
      .at(-1);
    const name = folder.slice((parent ?? "").length, -1);
    if (name.includes("/")) misplaced.push(`library/src/${file}`);
    else doors.push(name === "" ? "auditrail" : `auditrail/${name}`);
  }
  return { doors: doors.toSorted(), misplaced };
}

export function pageOf(door: Door): string {
  return `docs/guide/${door.slice("auditrail/".length) || rootPage}.md`;
}

/** The doors that the guide has pages for: those whose title names the door in backquotes. Other pages are free. */
export function documentedDoors(): { page: string; door: Door }[] {
  if (!existsSync(guide)) return [];
  const pages = readdirSync(guide).filter((file) => file.endsWith(".md"));
  return pages.flatMap((file) => {
    const title = /^# .*`(auditrail(?:\/[\w-]+)?)`/m.exec(readFileSync(join(guide, file), "utf8"));
    return title === null ? [] : [{ page: `docs/guide/${file}`, door: title[1]! }];
  });
}
