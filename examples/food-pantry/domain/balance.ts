/** A participant's vouchers and what they come to, with why. */

import { balancesOf, householdSize, spendable, type Balances } from "../rules/balances.ts";
import type { Pantry } from "./pantry.ts";
import { readParticipant } from "./participants.ts";
import { pauseAt } from "./programs.ts";
import type { ParticipantRow, PauseRow, VoucherRow } from "./rows.ts";

export interface Account {
  readonly participant: ParticipantRow;
  readonly vouchers: readonly VoucherRow[];
  readonly balances: Balances;
  /** The vouchers that the available balance is made of. */
  readonly spendable: readonly VoucherRow[];
  readonly pause: PauseRow | undefined;
}

export function readAccount(pantry: Pantry, number: string): Account {
  const participant = readParticipant(pantry, number);
  const pause = pauseAt(pantry, participant.program);
  const vouchers = vouchersOf(pantry, number);
  const facts = vouchers.map((voucher) => ({ ...voucher, forPause: voucher.forPause === 1 }));
  const counting = new Set(spendable(facts, pause !== undefined).map((voucher) => voucher.number));
  return {
    ...{ participant, vouchers, pause },
    balances: balancesOf(facts, householdSize(participant), pause !== undefined),
    spendable: vouchers.filter((voucher) => counting.has(voucher.number)),
  };
}

export function vouchersOf({ sql }: Pantry, number: string): VoucherRow[] {
  return sql.all<VoucherRow>`SELECT * FROM voucher WHERE participant = ${number} ORDER BY number`;
}

/** Why a voucher is in the available balance, or is not: for the participant, in a few words. */
export function explainVoucher({ spendable: counting, pause }: Account, voucher: VoucherRow): string {
  if (counting.some(({ number }) => number === voucher.number)) return "counts now";
  if (voucher.kind === "life") return "is no grocery voucher";
  switch (voucher.state) {
    case "pending":
      return "waits until staff apply it";
    case "consumed":
      return `paid order ${voucher.orderNumber ?? ""}`.trim();
    case "expired":
      return "has expired";
    case "applied":
      return pause !== undefined && voucher.forPause === 0
        ? "does not count while the program pauses"
        : "comes after the two oldest, which count";
  }
}
