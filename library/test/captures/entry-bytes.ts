import type { Entry } from "../../src/event/entry.ts";

/** What stays when all personal data is erased: the event without what its seals stand for. */
export function bytesOf({ event }: Entry): string {
  const copy = structuredClone(event) as unknown as Record<string, unknown>;
  for (const path of event.sealed?.flatMap(({ paths }) => paths) ?? []) {
    const names = path.split("/").slice(1);
    const last = names.pop()!;
    const holder = names.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], copy);
    delete (holder as Record<string, unknown>)[last];
  }
  return JSON.stringify(copy);
}
