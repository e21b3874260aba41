/** Every participant's balances, reckoned from the voucher log alone: no table of the pantry's is looked at. */

import type { Entry } from "auditrail";

interface Voucher {
  readonly participant: string;
  readonly program: string;
  readonly kind: string;
  readonly number: number;
  readonly cents: bigint;
  readonly forPause: boolean;
  readonly state: string;
}

export interface Rebuilt {
  readonly full: string;
  readonly available: string;
  readonly hygiene: string;
}

interface Step {
  readonly participant: string;
  readonly program: string;
  readonly kind: string;
  readonly number: number;
  readonly amount: string;
  readonly multiplier: string;
  readonly forPause: boolean;
}

interface Pause {
  readonly program: string;
  readonly from: string;
  until: string;
}

/** Goes through the entries in their order; `check` is asked after each step of a voucher. */
export function rebuildBalances(
  entries: readonly Entry[],
  check: (entry: Entry, before: Rebuilt, after: Rebuilt) => void,
): (participant: string, at: string) => Rebuilt {
  const vouchers = new Map<number, Voucher>();
  const pauses: Pause[] = [];
  const balances = (participant: string, at: string): Rebuilt => {
    const own = [...vouchers.values()].filter(
      (voucher) => voucher.participant === participant && voucher.kind === "grocery",
    );
    const isPaused = pauses.some(({ program, from, until }) => own[0]?.program === program && from <= at && at < until);
    const applied = own.filter(({ state, forPause }) => state === "applied" && (!isPaused || forPause));
    const oldest = applied.toSorted((a, b) => a.number - b.number).slice(0, 2);
    const available = total(oldest);
    return {
      full: text(total(own.filter(({ state }) => state === "applied" || state === "pending"))),
      ...{ available: text(available), hygiene: text(((available + 299n) / 300n) * 100n) },
    };
  };
  for (const entry of entries) {
    const { action, data, after, occurredAt } = entry.event;
    if (action.startsWith("voucher.pause-")) {
      const pause = data as unknown as Pause;
      const known = pauses.find(({ program, from }) => program === pause.program && from === pause.from);
      if (known === undefined) pauses.push({ ...pause });
      else known.until = pause.until;
      continue;
    }
    const { amount, multiplier, ...step } = data as unknown as Step;
    const before = balances(step.participant, occurredAt);
    const cents = (hundredths(amount) * hundredths(multiplier) + 50n) / 100n;
    vouchers.set(step.number, { ...step, cents, state: (after as { state: string }).state });
    check(entry, before, balances(step.participant, occurredAt));
  }
  return balances;
}

function hundredths(amount: string): bigint {
  return BigInt(amount.replace(".", ""));
}

function total(vouchers: readonly Voucher[]): bigint {
  return vouchers.reduce((sum, { cents }) => sum + cents, 0n);
}

function text(cents: bigint): string {
  return `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}
