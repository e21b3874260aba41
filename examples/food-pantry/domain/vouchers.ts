/** Vouchers, one step at a time. Each step and its entry, with the balances before and after, commit together. */

import { queueMail } from "../mail/outbox.ts";
import { baseBalance, valueOf, type VoucherKind, type VoucherSettings, type VoucherState } from "../rules/balances.ts";
import { formatMoney, type Cents } from "../rules/money.ts";
import { voucherMayBecome } from "../rules/order-state.ts";
import { readAccount } from "./balance.ts";
import { Refusal, type Pantry, type Record } from "./pantry.ts";
import { readParticipant } from "./participants.ts";
import type { ParticipantRow, VoucherRow } from "./rows.ts";
import { orderTarget, participantTarget, voucherCode, voucherTarget } from "./targets.ts";

export interface NewVoucher {
  readonly kind: VoucherKind;
  /** The household's base balance unless said. */
  readonly amount?: Cents;
}

export function readSettings({ sql }: Pantry): VoucherSettings {
  return sql.get<VoucherSettings>`SELECT adult, child, infant FROM voucherSettings`!;
}

export function changeSettings(pantry: Pantry, { adult, child, infant }: VoucherSettings): void {
  const said = (settings: VoucherSettings) => ({
    ...{ adult: formatMoney(settings.adult), child: formatMoney(settings.child), infant: formatMoney(settings.infant) },
  });
  pantry.transaction((record) => {
    const before = readSettings(pantry);
    pantry.sql.run`UPDATE voucherSettings SET adult = ${adult}, child = ${child}, infant = ${infant}`;
    const target = { type: "settings", id: "vouchers" };
    record("pantry.settings-changed", { target, before: said(before), after: said({ adult, child, infant }) });
  });
}

export function createVoucher(pantry: Pantry, participant: string, voucher: NewVoucher): string {
  return pantry.transaction((record) => createVoucherIn(pantry, record, participant, voucher));
}

/** The same within a transaction that makes many. */
export function createVoucherIn(pantry: Pantry, record: Record, number: string, { kind, amount }: NewVoucher): string {
  const participant = readParticipant(pantry, number);
  const worth = amount ?? baseBalance(participant, readSettings(pantry));
  if (worth <= 0) throw new Refusal(`A voucher for ${number} would be worth nothing.`);
  const before = { state: null, ...standing(pantry, number) };
  const { lastInsertRowid } = pantry.sql.run`INSERT INTO voucher
    (participant, kind, state, amount, multiplier, forPause, createdAt)
    VALUES (${number}, ${kind}, 'pending', ${worth}, 100, 0, ${pantry.now().toISOString()})`;
  const made = readVoucher(pantry, Number(lastInsertRowid));
  record("voucher.created", {
    ...{ targets: [voucherTarget(made.number), participantTarget(participant)], data: dataOf(made, participant) },
    ...{ before, after: { state: made.state, ...standing(pantry, number) } },
  });
  queueMail(pantry, "voucher-created", number, { amount: formatMoney(worth), voucher: voucherCode(made.number) });
  return voucherCode(made.number);
}

/** From now on it can be spent. */
export function applyVoucher(pantry: Pantry, code: string): void {
  pantry.transaction((record) => {
    const voucher = requireVoucher(pantry, code);
    step(pantry, voucher, "applied", (facts) => record("voucher.applied", facts));
  });
}

/** All pending grocery vouchers of a program, as staff do the day after making them. Gives how many there were. */
export function applyPending(pantry: Pantry, program: string): number {
  return pantry.transaction((record) => {
    const pending = pantry.sql
      .all<VoucherRow>`SELECT voucher.* FROM voucher JOIN participant ON participant.number = voucher.participant
      WHERE kind = 'grocery' AND state = 'pending' AND program = ${program}
      ORDER BY voucher.number`;
    for (const voucher of pending) step(pantry, voucher, "applied", (facts) => record("voucher.applied", facts));
    return pending.length;
  });
}

export function expireVoucher(pantry: Pantry, code: string, reason: string): void {
  if (reason.trim() === "") throw new Refusal("Say why the voucher expires.");
  pantry.transaction((record) => {
    const voucher = requireVoucher(pantry, code);
    step(pantry, voucher, "expired", (facts) => record("voucher.expired", { ...facts, reason }));
  });
}

/** A life voucher pays no order: staff hand out what it is for. */
export function handOutVoucher(pantry: Pantry, code: string): void {
  pantry.transaction((record) => {
    const voucher = requireVoucher(pantry, code);
    if (voucher.kind !== "life") throw new Refusal(`${code} is a grocery voucher: only an order consumes it.`);
    step(pantry, voucher, "consumed", (facts) => record("voucher.handed-out", facts));
  });
}

export interface Payment {
  readonly voucher: VoucherRow;
  readonly applied: Cents;
  readonly remaining: Cents;
}

/** Within the transaction that confirms an order. */
export function consumeVoucher(pantry: Pantry, record: Record, order: string, payment: Payment): void {
  const { voucher, applied, remaining } = payment;
  const used = { order, applied: formatMoney(applied), remaining: formatMoney(remaining) };
  pantry.sql.run`UPDATE voucher SET orderNumber = ${order} WHERE number = ${voucher.number}`;
  step(pantry, voucher, "consumed", ({ targets, before, after, data }) =>
    record("voucher.consumed", {
      targets: [...targets, orderTarget(order)],
      before,
      after,
      data: { ...data, ...used },
    }),
  );
}

/** Within the transaction that cancels the order which consumed it: the one way back from consumed. */
export function restoreVoucher(pantry: Pantry, record: Record, voucher: VoucherRow, order: string): void {
  const participant = readParticipant(pantry, voucher.participant);
  const before = { state: voucher.state, ...standing(pantry, participant.number) };
  pantry.sql
    .run`UPDATE voucher SET state = 'applied', orderNumber = NULL, endedAt = NULL WHERE number = ${voucher.number}`;
  const data = { ...dataOf(voucher, participant), order, applied: "0.00" };
  record("voucher.restored", {
    targets: [voucherTarget(voucher.number), participantTarget(participant), orderTarget(order)],
    ...{ before, after: { state: "applied", ...standing(pantry, participant.number) } },
    data: { ...data, remaining: formatMoney(valueOf(voucher)) },
  });
}

/** The two oldest live grocery vouchers of each participant of a program count during its pause, and so many times. */
export function setForPause(pantry: Pantry, record: Record, program: string, multiplier: number): void {
  const chosen = pantry.sql.all<{ number: number }>`SELECT number FROM (
      SELECT number, row_number() OVER (PARTITION BY participant ORDER BY number) AS place FROM voucher
      WHERE kind = 'grocery' AND state IN ('pending', 'applied')
        AND participant IN (SELECT number FROM participant WHERE program = ${program}))
    WHERE place <= 2 ORDER BY number`;
  for (const { number } of chosen) {
    const voucher = readVoucher(pantry, number);
    const participant = readParticipant(pantry, voucher.participant);
    const before = { state: voucher.state, ...standing(pantry, participant.number) };
    pantry.sql.run`UPDATE voucher SET forPause = 1, multiplier = ${multiplier} WHERE number = ${number}`;
    record("voucher.set-for-pause", {
      targets: [voucherTarget(number), participantTarget(participant)],
      ...{ before, after: { state: voucher.state, ...standing(pantry, participant.number) } },
      data: dataOf(readVoucher(pantry, number), participant),
    });
  }
}

/** Takes one step, and gives what an entry says of it. */
function step(
  pantry: Pantry,
  voucher: VoucherRow,
  to: VoucherState,
  tell: (facts: ReturnType<typeof factsOf>) => unknown,
): void {
  if (!voucherMayBecome(voucher.state, to))
    throw new Refusal(`Voucher ${voucherCode(voucher.number)} is ${voucher.state}: it cannot become ${to}.`);
  const participant = readParticipant(pantry, voucher.participant);
  const before = { state: voucher.state, ...standing(pantry, participant.number) };
  const now = pantry.now().toISOString();
  if (to === "applied")
    pantry.sql.run`UPDATE voucher SET state = ${to}, appliedAt = ${now} WHERE number = ${voucher.number}`;
  else pantry.sql.run`UPDATE voucher SET state = ${to}, endedAt = ${now} WHERE number = ${voucher.number}`;
  tell(factsOf(voucher, participant, before, { state: to, ...standing(pantry, participant.number) }));
}

interface Standing {
  readonly state: VoucherState;
  readonly balance: string;
  readonly available: string;
}

function factsOf(voucher: VoucherRow, participant: ParticipantRow, before: Standing, after: Standing) {
  const targets = [voucherTarget(voucher.number), participantTarget(participant)];
  return { targets, before, after, data: dataOf(voucher, participant) };
}

/** What the participant has at this moment, as entries say it. */
function standing(pantry: Pantry, participant: string): { readonly balance: string; readonly available: string } {
  const { balances } = readAccount(pantry, participant);
  return { balance: formatMoney(balances.full), available: formatMoney(balances.available) };
}

function dataOf({ number, kind, amount, multiplier, forPause }: VoucherRow, participant: ParticipantRow) {
  return {
    ...{ participant: participant.number, program: participant.program, number, kind, amount: formatMoney(amount) },
    ...{ multiplier: formatMoney(multiplier), forPause: forPause === 1 },
  };
}

/** Throws a {@link Refusal} where there is no such voucher. */
export function requireVoucher(pantry: Pantry, code: string): VoucherRow {
  return readVoucher(pantry, Number(/^V-(\d{1,15})$/.exec(code)?.[1] ?? 0));
}

function readVoucher({ sql }: Pantry, number: number): VoucherRow {
  const row = sql.get<VoucherRow>`SELECT * FROM voucher WHERE number = ${number}`;
  if (row === undefined) throw new Refusal(`There is no voucher ${voucherCode(number)}.`);
  return row;
}
