/** What people type, as values; each refuses what the rules do not allow. */

import { Refusal, type Rule } from "./refusal.ts";

const longestName = 60;

export function readName(text: string): string {
  const name = text.trim().replaceAll(/\s+/g, " ");
  if (name === "") throw new Refusal("name-empty");
  if (name.length > longestName) throw new Refusal("name-long", { given: name });
  return name;
}

const whole = (rule: Rule, from: number, to: number) => (text: string) => {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new Refusal(rule, { given: text });
};

export const readWeight = whole("weight-invalid", 1, 100);
export const readPieces = whole("pieces-invalid", 1, 10_000);
export const readSkipDays = whole("skip-days-invalid", 0, 30);
const readCount = whole("limit-invalid", 1, 1_000);

const nothing = /^(-|0|none|нет|жоқ)$/i;

export const readLimit = (text: string): number | null => (nothing.test(text.trim()) ? null : readCount(text));

export function readRewardWeight(text: string): number {
  const value = /^\d{1,6}([.,]\d{1,3})?$/.test(text.trim()) ? Number(text.replace(",", ".")) : 0;
  if (value > 0) return value;
  throw new Refusal("reward-weight-invalid", { given: text });
}

/** An exact decimal, as text; nothing where the person has none. */
export function readValue(text: string): string | null {
  const value = text.trim().replace(",", ".");
  if (nothing.test(value)) return null;
  if (/^\d{1,9}(\.\d{1,2})?$/.test(value)) return value;
  throw new Refusal("value-invalid", { given: text });
}

/** From 0.01 to 99.99 percent, in steps of a hundredth. */
export function readPercent(text: string): number {
  const value = /^\d{1,2}([.,]\d{1,2})?$/.test(text.trim()) ? Number(text.replace(",", ".")) : 0;
  if (value >= 0.01) return value;
  throw new Refusal("percent-invalid", { given: text });
}

/** `6 7`, `6,7`, or nothing. */
export function readWeekdays(text: string): readonly number[] {
  if (nothing.test(text.trim())) return [];
  const days = text.split(/[\s,;]+/).filter((part) => part !== "");
  if (days.length > 0 && days.every((day) => /^[1-7]$/.test(day))) return [...new Set(days.toSorted())].map(Number);
  throw new Refusal("weekdays-invalid", { given: text });
}
