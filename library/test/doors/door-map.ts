/** Which doors there are, as each of three places says: package.json, the folders, and the guide. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { doorParents } from "../../../scripts/floors.ts";

/** The page of the door that has no name of its own. */
const rootPage = "getting-started";

/** A door's public name: `auditrail`, `auditrail/sqlite`. */
export type Door = string;

export interface DoorMap {
  /** What library/package.json exports, data left out, and the compiled file that each has to lead to. */
  readonly exported: readonly Door[];
  readonly exportLines: Readonly<Record<string, unknown>>;
  /** Every `index.ts` of library/src, as the door that it is, with its folder (`stores/sqlite/`). */
  readonly built: readonly { readonly door: Door; readonly folder: string }[];
  /** Every `index.ts` that lies where no door can be. */
  readonly misplaced: readonly string[];
  /** Pages of docs/guide whose title names a door in backquotes. Other pages are free. */
  readonly documented: readonly { readonly door: Door; readonly page: string }[];
  /** Doors that code in any page of documentation imports. */
  readonly imported: readonly { readonly door: Door; readonly page: string }[];
}

/** Reads the doors of the repository at `root`. */
export function readDoorMap(root: string): DoorMap {
  const { exports } = JSON.parse(readFileSync(join(root, "library/package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  const exportLines = Object.fromEntries(
    Object.entries(exports)
      .filter(([subpath]) => subpath !== "./package.json")
      .map(([subpath, line]) => [`auditrail${subpath.slice(1)}`, line]),
  );
  const pages = listPages(root);
  return {
    exported: Object.keys(exportLines).toSorted(),
    exportLines,
    ...findDoors(join(root, "library/src")),
    documented: pages.flatMap(({ page, text }) => titleDoor(page, text)),
    imported: pages.flatMap(({ page, text }) =>
      Array.from(text.matchAll(importLine), ([, door]) => ({ page, door: door! })),
    ),
  };
}

/** The line that `exports` has to have for the door in a folder. */
export function exportLineFor(folder: string): { types: string; default: string } {
  return { types: `./dist/${folder}index.d.ts`, default: `./dist/${folder}index.js` };
}

export function pageFor(door: Door): string {
  return `docs/guide/${door.slice("auditrail/".length) || rootPage}.md`;
}

const importLine = /\bfrom "(auditrail(?:\/[^"]+)?)"/g;

function findDoors(sources: string): Pick<DoorMap, "built" | "misplaced"> {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  const folders = files
    .filter((path) => /(^|\/)index\.ts$/.test(path))
    .map((path) => path.slice(0, -"index.ts".length));
  const named = folders.map((folder) => ({ folder, name: doorName(folder) }));
  return {
    built: named
      .filter(({ name }) => !name.includes("/"))
      .map(({ folder, name }) => ({ door: name ? `auditrail/${name}` : "auditrail", folder })),
    misplaced: named.filter(({ name }) => name.includes("/")).map(({ folder }) => `library/src/${folder}index.ts`),
  };
}

/** `stores/sqlite/` is the door `sqlite`; `delivery/` is `delivery`; what lies deeper keeps a `/`. */
function doorName(folder: string): string {
  const parent =
    doorParents
      .filter((candidate) => folder.startsWith(candidate) && folder !== candidate)
      .toSorted()
      .at(-1) ?? "";
  return folder.slice(parent.length, -1);
}

function listPages(root: string): { page: string; text: string }[] {
  const docs = existsSync(join(root, "docs"))
    ? readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    : [];
  const pages = [...docs.map((path) => `docs/${path.replaceAll("\\", "/")}`), "README.md", "library/README.md"];
  return pages
    .filter((page) => page.endsWith(".md") && existsSync(join(root, page)))
    .map((page) => ({ page, text: readFileSync(join(root, page), "utf8") }));
}

function titleDoor(page: string, text: string): { door: Door; page: string }[] {
  const title = page.startsWith("docs/guide/") ? /^# .*`(auditrail(?:\/[\w-]+)?)`/m.exec(text) : null;
  return title === null ? [] : [{ page, door: title[1]! }];
}
