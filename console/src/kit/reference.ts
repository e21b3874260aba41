import type { Actor, Target } from "../api/types.ts";

/** `type/id`, as queries name actors and targets. */
export function reference({ type, id }: Pick<Actor, "type" | "id">): string {
  return id === undefined ? type : `${type}/${id}`;
}

/** What people call it; the reference where it has no name. */
export function labelOf(of: Actor | Target): string {
  return of.name ?? reference(of);
}
