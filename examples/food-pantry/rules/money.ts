/** Exact money: whole cents while we reckon, texts such as `"12.50"` where it is read or recorded. Never a float. */

/** Whole cents. */
export type Cents = number;

/** Reads `12`, `12.5` or `12.50`; `undefined` for anything else, and for more than a billion. */
export function parseMoney(text: string): Cents | undefined {
  const [, whole, fraction = ""] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(fraction.padEnd(2, "0"));
}

export function formatMoney(cents: Cents): string {
  const sign = cents < 0 ? "-" : "";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** So many hundredths of an amount, half a cent rounded up. Whole numbers all the way. */
export function timesPercent(cents: Cents, percent: number): Cents {
  return Math.floor((cents * percent + 50) / 100);
}

export function sum(amounts: readonly Cents[]): Cents {
  return amounts.reduce((total, amount) => total + amount, 0);
}
