/** What happened, noted down by whoever made it happen: to compare the trail's answers with. */

export interface Tally {
  readonly orders: {
    readonly at: Date;
    readonly participant: string;
    readonly number: string;
    readonly rules: readonly string[];
  }[];
  readonly failedSignIns: { readonly at: Date; readonly login: string }[];
  readonly failedConfirmations: { readonly at: Date; readonly number: string }[];
}

export function createTally(): Tally {
  return { orders: [], failedSignIns: [], failedConfirmations: [] };
}
