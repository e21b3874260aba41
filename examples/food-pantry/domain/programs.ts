/** Programs: when they take orders, and when they pause. */

import { formatMoney } from "../rules/money.ts";
import { isOpen, isTimeOfDay, weekdayNames, type OrderWindow } from "../rules/order-window.ts";
import { Refusal, type Pantry } from "./pantry.ts";
import type { PauseRow } from "./rows.ts";
import { programTarget } from "./targets.ts";
import { setForPause } from "./vouchers.ts";

export function listPrograms({ sql }: Pantry): string[] {
  return sql.all<{ name: string }>`SELECT name FROM program ORDER BY name`.map(({ name }) => name);
}

export function windowsOf({ sql }: Pantry, program: string): OrderWindow[] {
  return sql.all<OrderWindow>`SELECT weekday, opens, closes FROM orderWindow WHERE program = ${program}
    ORDER BY weekday, opens`;
}

export function isTakingOrders(pantry: Pantry, program: string): boolean {
  return isOpen(windowsOf(pantry, program), pantry.now(), pantry.zone);
}

export function formatWindow({ weekday, opens, closes }: OrderWindow): string {
  return `${weekdayNames[weekday - 1]} ${opens}–${closes}`;
}

export function changeWindows(pantry: Pantry, program: string, windows: readonly OrderWindow[]): void {
  for (const { opens, closes } of windows)
    if (!isTimeOfDay(opens) || !isTimeOfDay(closes) || closes <= opens)
      throw new Refusal(`A window from ${opens} to ${closes} cannot be: times are 00:00 to 24:00, the later one last.`);
  pantry.transaction((record) => {
    const { sql } = pantry;
    const before = { windows: windowsOf(pantry, program).map(formatWindow) };
    sql.run`INSERT INTO program VALUES (${program}) ON CONFLICT DO NOTHING`;
    sql.run`DELETE FROM orderWindow WHERE program = ${program}`;
    for (const { weekday, opens, closes } of windows)
      sql.run`INSERT INTO orderWindow VALUES (${program}, ${weekday}, ${opens}, ${closes})`;
    const after = { windows: windowsOf(pantry, program).map(formatWindow) };
    record("pantry.windows-changed", { target: programTarget(program), before, after });
  });
}

export function listPauses({ sql }: Pantry): PauseRow[] {
  return sql.all<PauseRow>`SELECT * FROM pause ORDER BY startsAt DESC`;
}

/** The pause of a program that is in force now. */
export function pauseAt({ sql, now }: Pantry, program: string): PauseRow | undefined {
  const at = now().toISOString();
  return sql.get<unknown>`SELECT * FROM pause WHERE program = ${program} AND startsAt <= ${at} AND ${at} < endsAt`! as
    | PauseRow
    | undefined;
}

/**
 * Plans a pause. The two oldest live grocery vouchers of each participant are set to count during it, so many times their amount:
 * people can stock up before, and order in between.
 */
export function planPause(pantry: Pantry, program: string, starts: Date, ends: Date, multiplier: number): void {
  if (!(starts.getTime() < ends.getTime())) throw new Refusal("A pause has to end after it starts.");
  if (!Number.isInteger(multiplier) || multiplier < 100 || multiplier > 500)
    throw new Refusal("The multiplier is between 1 and 5, with at most two digits.");
  pantry.transaction((record) => {
    const [from, until] = [starts.toISOString(), ends.toISOString()];
    pantry.sql.run`INSERT INTO pause (program, startsAt, endsAt, multiplier)
      VALUES (${program}, ${from}, ${until}, ${multiplier})`;
    record("voucher.pause-planned", {
      target: programTarget(program),
      data: { program, from, until, multiplier: formatMoney(multiplier) },
    });
    setForPause(pantry, record, program, multiplier);
  });
}

/** Ends a pause now, or takes it back where it has not begun. Vouchers keep what they were set to. */
export function endPause(pantry: Pantry, id: number): void {
  pantry.transaction((record) => {
    const pause = pantry.sql.get<PauseRow>`SELECT * FROM pause WHERE id = ${id}`;
    const now = pantry.now().toISOString();
    if (pause === undefined || pause.endsAt <= now) throw new Refusal("That pause is over.");
    const until = pause.startsAt < now ? now : pause.startsAt;
    pantry.sql.run`UPDATE pause SET endsAt = ${until} WHERE id = ${id}`;
    const { program, startsAt: from, multiplier } = pause;
    record("voucher.pause-ended", {
      target: programTarget(program),
      data: { program, from, until, multiplier: formatMoney(multiplier) },
    });
  });
}
