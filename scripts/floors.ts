/** The floors of docs/design/architecture: where a folder of library/src stands, and what may stand on what. */

/** A part of library/src whose files may import one another freely: one folder, or one adapter. */
export interface Part {
  /** `query`, `stores/sqlite`; `delivery` for the files that lie in delivery/ itself. */
  readonly name: string;
  readonly floor: number;
}

const floorOf: Readonly<Record<string, number>> = {
  base: 0,
  event: 1,
  redaction: 1,
  integrity: 1,
  query: 1,
  context: 1,
  trail: 2,
  stores: 3,
  capture: 3,
  delivery: 3,
  importers: 3,
  formats: 3,
  retention: 3,
  archive: 3,
  alerts: 3,
  anomaly: 3,
  reports: 3,
  coverage: 3,
  verification: 3,
  erasure: 3,
  evidence: 3,
  sealing: 3,
  witness: 3,
  testing: 3,
  server: 4,
  cli: 4,
};

/** Folders of adapters: each of their folders is a part of its own. */
export const adapterFamilies = ["stores", "capture", "delivery", "importers"] as const;

/** Where flat door names are looked for: `auditrail/sqlite` may be `sqlite/` or `stores/sqlite/`. */
export const doorParents = ["", ...adapterFamilies.map((family) => `${family}/`)] as const;

export const knownFolders = Object.keys(floorOf);

/** The part a file of library/src is of, by its path from library/src; `undefined` for unknown folders. */
export function partOf(path: string): Part | undefined {
  const [folder, inner, ...deeper] = path.split("/");
  const floor = floorOf[folder!];
  if (floor === undefined) return undefined;
  const isAdapter = isFamily(folder!) && deeper.length > 0;
  return { name: isAdapter ? `${folder}/${inner}` : folder!, floor };
}

function isFamily(folder: string): boolean {
  return adapterFamilies.some((family) => family === folder);
}

/** Why `from` may not import `to`, or `undefined` when it may. */
export function objection(from: Part, to: Part, typeOnly: boolean): { rule: string; todo: string } | undefined {
  if (from.name === to.name) return undefined;
  if (from.name === "integrity" && to.name !== "base") {
    return {
      rule: "integrity-alone",
      todo: "integrity/ imports only base/, so that an auditor can read it alone: pass the value in.",
    };
  }
  if (from.name === "testing") return testingObjection(to);
  if (to.floor < from.floor) return undefined;
  if (to.floor > from.floor) return upwards(from, to);
  return isAllowedSideways(from, to, typeOnly) ? undefined : sideways(from, to, typeOnly);
}

function testingObjection(to: Part): { rule: string; todo: string } | undefined {
  if (to.floor <= 2 || to.name === "stores/memory") return undefined;
  return {
    rule: "testing",
    todo: "testing/ may import floors 0 to 2 and stores/memory; take anything else as an argument.",
  };
}

/** integrity/ is left out: an auditor can read it with base/ alone. */
function readsEventTypes(from: Part): boolean {
  return ["redaction", "query", "context"].includes(from.name);
}

function isAllowedSideways(from: Part, to: Part, typeOnly: boolean): boolean {
  if (to.name === "event" && readsEventTypes(from)) return typeOnly;
  // delivery/webhook fulfils delivery/destination.ts. Stores share nothing, not even a file beside them.
  return to.name !== "stores" && from.name.startsWith(`${to.name}/`);
}

function upwards(from: Part, to: Part): { rule: string; todo: string } {
  const todo = `${from.name}/ is on floor ${from.floor}, ${to.name}/ on floor ${to.floor}; imports point down. Move the shared part down, or take it as an argument.`;
  return { rule: "upwards", todo };
}

function sideways(from: Part, to: Part, typeOnly: boolean): { rule: string; todo: string } {
  if (to.name === "event" && !typeOnly && readsEventTypes(from)) {
    return { rule: "types-only", todo: `${from.name}/ may import only types of event/: write \`import type { … }\`.` };
  }
  const both = [from.name, to.name].map((name) => name.split("/")[0]!);
  if (both.every(isFamily)) {
    return {
      rule: "adapters-apart",
      todo: "Adapters never import one another: repeat the few lines, or move what both need down a floor.",
    };
  }
  return {
    rule: "sideways",
    todo: `Both are on floor ${from.floor}, where folders do not import each other: take a function as an argument, or move the shared part down.`,
  };
}
