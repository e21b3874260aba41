/** Circles of imports that exist at load time; type-only and lazy imports cannot close one. */

import { posix } from "node:path";

import type { Finding, Source } from "./source.ts";

/** One finding for each group of files that import one another, naming a shortest circle through its first file. */
export function findCycles(sources: readonly Source[]): Finding[] {
  const graph = loadGraph(sources);
  return stronglyConnected(graph).map((group) => {
    const circle = shortestCircle(graph, group.toSorted()[0]!);
    return {
      path: circle[0]!,
      line: lineOfImport(sources, circle[0]!, circle[1]!),
      rule: "import-cycle",
      found: `imports itself in a circle: ${circle.join(" → ")}`,
      todo: "Move what both ends need into a file of its own, or make one of the imports `import type`.",
    };
  });
}

type Graph = ReadonlyMap<string, readonly string[]>;

function loadGraph(sources: readonly Source[]): Graph {
  const known = new Set(sources.map((source) => source.path));
  return new Map(
    sources.map((source) => {
      const loaded = source.imports.filter((item) => !item.typeOnly && !item.lazy && item.specifier.startsWith("."));
      return [source.path, loaded.map((item) => target(source.path, item.specifier)).filter((path) => known.has(path))];
    }),
  );
}

function target(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function lineOfImport(sources: readonly Source[], from: string, to: string): number {
  const imports = sources.find((source) => source.path === from)?.imports ?? [];
  return imports.find((item) => !item.typeOnly && !item.lazy && target(from, item.specifier) === to)?.line ?? 1;
}

/** Tarjan's algorithm: the groups of files each of which reaches all others of its group. */
function stronglyConnected(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const enter = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path)!);
    stack.push(path);
    for (const next of graph.get(path)!) {
      if (!order.has(next)) enter(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path)!, low.get(next)!));
    }
    if (low.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || graph.get(path)!.includes(path)) groups.push(group);
  };
  for (const path of graph.keys()) if (!order.has(path)) enter(path);
  return groups;
}

/** Breadth first from a file back to itself; both ends are in the answer. */
function shortestCircle(graph: Graph, start: string): string[] {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of graph.get(path)!) {
      if (next === start) return [...pathTo(cameFrom, start, path), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return [start, start];
}

function pathTo(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const path = [end];
  while (path[0] !== start) path.unshift(cameFrom.get(path[0]!)!);
  return path;
}
