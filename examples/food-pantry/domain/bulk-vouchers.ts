/** Vouchers for a whole program at once: first what would happen, then that and nothing else. */

import { createHash } from "node:crypto";

import { baseBalance, type VoucherKind } from "../rules/balances.ts";
import { sum, type Cents } from "../rules/money.ts";
import { Refusal, type Pantry } from "./pantry.ts";
import type { ParticipantRow } from "./rows.ts";
import { programTarget } from "./targets.ts";
import { createVoucherIn, readSettings } from "./vouchers.ts";

export interface BulkPlan {
  readonly program: string;
  readonly kind: VoucherKind;
  readonly makes: readonly { readonly participant: ParticipantRow; readonly amount: Cents }[];
  readonly skips: readonly { readonly participant: ParticipantRow; readonly reason: string }[];
  readonly total: Cents;
  /** Of all the above: what was confirmed is what was seen. */
  readonly fingerprint: string;
}

/** At most so many grocery vouchers wait for one participant. */
const mostWaiting = 4;

export function planBulk(pantry: Pantry, program: string, kind: VoucherKind): BulkPlan {
  const settings = readSettings(pantry);
  const waiting = countWaiting(pantry);
  const all = pantry.sql.all<ParticipantRow>`SELECT * FROM participant WHERE program = ${program}
    ORDER BY number`;
  const judged = all.map((participant) => {
    const amount = baseBalance(participant, settings);
    const left = kind === "life" ? 0 : (waiting.get(participant.number) ?? 0);
    return { participant, amount, reason: reasonToSkip(participant, amount, left) };
  });
  const makes = judged
    .filter(({ reason }) => reason === undefined)
    .map(({ participant, amount }) => ({ participant, amount }));
  const skips = judged.flatMap(({ participant, reason }) => (reason === undefined ? [] : [{ participant, reason }]));
  const seen = [
    program,
    kind,
    ...makes.map((make) => [make.participant.number, make.amount]),
    ...skips.map((skip) => [skip.participant.number, skip.reason]),
  ];
  const fingerprint = createHash("sha256").update(JSON.stringify(seen)).digest("base64url").slice(0, 22);
  return { program, kind, makes, skips, total: sum(makes.map(({ amount }) => amount)), fingerprint };
}

function reasonToSkip({ active, email }: ParticipantRow, amount: Cents, waiting: number): string | undefined {
  if (active === 0) return "not active";
  if (amount === 0) return "nobody in the household";
  if (!email.includes("@")) return "no e-mail address";
  if (waiting >= mostWaiting) return `has ${waiting} vouchers already`;
  return undefined;
}

function countWaiting({ sql }: Pantry): ReadonlyMap<string, number> {
  const rows = sql.all<{ participant: string; count: number }>`SELECT participant, count(*) AS count FROM voucher
    WHERE kind = 'grocery' AND state IN ('pending', 'applied') GROUP BY participant`;
  return new Map(rows.map((row) => [row.participant, row.count]));
}

/** Makes what the plan of that fingerprint says. Throws a {@link Refusal} where the plan would be another one by now. */
export function carryOutBulk(pantry: Pantry, program: string, kind: VoucherKind, fingerprint: string): BulkPlan {
  const carriedOut = pantry.transaction((record) => {
    const plan = planBulk(pantry, program, kind);
    if (plan.fingerprint !== fingerprint)
      throw new Refusal("Something has changed since the preview. Look at it again.");
    const made = plan.makes.map(({ participant, amount }) =>
      createVoucherIn(pantry, record, participant.number, { kind, amount }),
    );
    const skipped = plan.skips.map((skip) => ({ participant: skip.participant.number, reason: skip.reason }));
    record("pantry.vouchers-made", {
      target: programTarget(program),
      data: { program, kind, made, skipped, madeCount: made.length, skippedCount: skipped.length },
    });
    return plan;
  });
  const { makes, skips } = carriedOut;
  pantry.log("apps.voucher").info({ program, made: makes.length, skipped: skips.length }, "vouchers were made in bulk");
  return carriedOut;
}
