import type { Entry } from "auditrail";

import type { HabitTrail } from "../domain/world.ts";

const hourMicros = 3_600_000_000;

/** What one person did in the last hours, oldest first. Hours are hours, whatever the clocks on the wall did. */
export async function timelineOf(
  trail: HabitTrail,
  { person, hours, nowMicros }: { readonly person: number; readonly hours: number; readonly nowMicros: number },
): Promise<readonly Entry[]> {
  const from = new Date((nowMicros - hours * hourMicros) / 1000).toISOString();
  const order = { by: "time", direction: "oldest" } as const;
  const entries: Entry[] = [];
  for await (const entry of trail.entries(`log:bot actor:user/${person} after:${from}`, { order })) entries.push(entry);
  return entries;
}
