import type { RedactionRule } from "./rules.ts";

const broken = /[\u0000\ud800-\udfff]/;

/** Whether a text may hold NUL or half a character: false for nearly all, so that they cost one look. */
export function hasBrokenCharacters(text: string): boolean {
  return broken.test(text) && (text.includes("\u0000") || !text.isWellFormed());
}

/** The text with U+FFFD for what PostgreSQL (NUL) or UTF-8 (lone surrogates) cannot hold, and the rule that applied. */
export function mendText(text: string): readonly [text: string, rule: RedactionRule] {
  const rule = text.includes("\u0000") ? "nul-character" : "lone-surrogate";
  return [text.replaceAll("\u0000", "\ufffd").toWellFormed(), rule];
}
