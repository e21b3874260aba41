/** How entries name things. Names of people are copied in, so that history reads well when they are gone. */

import type { Target } from "auditrail";

export const participantTarget = ({ number, name }: { readonly number: string; readonly name: string }): Target => ({
  ...{ type: "participant", id: number, name },
});

export const voucherCode = (number: number): string => `V-${number}`;

export const voucherTarget = (number: number): Target => ({ type: "voucher", id: voucherCode(number) });

export const orderTarget = (number: string): Target => ({ type: "order", id: number });

export const programTarget = (name: string): Target => ({ type: "program", id: name });

/** The account of a participant is the participant. */
export function personTarget(person: {
  readonly id: number;
  readonly name: string;
  readonly participant: string | null;
}): Target {
  const { id, name, participant } = person;
  return participant === null
    ? { type: "user", id: String(id), name }
    : participantTarget({ number: participant, name });
}
