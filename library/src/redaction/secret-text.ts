/** Finds secrets in texts and masks each whole: half a secret is still a secret. */

import { findAssignments, type JudgeName } from "./assignments.ts";
import { cardCandidate, isCardNumber } from "./card-numbers.ts";
import { mayHoldSecret, secretPatterns } from "./secret-patterns.ts";
import { splitWords } from "./split-words.ts";

/** What stands in place of a secret. */
export const mask = "[masked]";

/** The text without its secrets: the same text when it has none. */
export type MaskText = (text: string) => string;

const stems =
  `pass|pwd|phrase|secret|token|key|code|auth|cookie|otp|pin|puk|cv[vcn]|card|cred|jwt|bearer|sid|sess|seed|sig
  |mnemonic|saml|connection|answer|link|kenn|contraseñ?|senha|mdp|wachtwoord|has[lł]o|l[oö]senord|salasana|парол[а-я]?|密|パスワード|비밀`.replaceAll(
    /\s+/g,
    "",
  );

/** Without one of these no text gives a name to a value. */
const nameSign = /[=:>]|%3[ADad]| (?:is|was|are) |(?:^|\s)--?[A-Za-z]/;

export function createTextMask(judge: JudgeName, secretNames: readonly string[]): MaskText {
  const own = secretNames.map((name) => splitWords(name).at(-1)).filter((word) => word !== undefined);
  const stem = [stems, ...own].join("|");
  const nameHint = new RegExp(
    String.raw`(?:${stem})[\w\]%"'${"`"}\\$.-]{0,24}\s{0,4}(?:[=:>]|%3[AD]|is |was |are )|(?<![\w-])--?[\w-]{0,40}(?:${stem})`,
    "i",
  );
  const maskOnce: MaskText = (text) => {
    let result = text;
    if (mayHoldSecret(text)) result = maskShapes(result);
    if (nameSign.test(text) && nameHint.test(text)) result = maskAssignments(result, judge);
    return result;
  };
  return (text) => (text.length < shortestText ? text : maskFully(text, maskOnce));
}

/** `pin=1` */
const shortestText = 5;
/** What was masked can free what was hidden by it: `a secret: token:x`. A few rounds end it, as each leaves less. */
const mostRounds = 6;

function maskFully(text: string, maskOnce: MaskText): string {
  let last = text;
  let result = maskOnce(last);
  for (let round = 1; round < mostRounds && result !== last; round += 1) {
    last = result;
    result = maskOnce(last);
  }
  return result;
}

function maskShapes(text: string): string {
  let result = text;
  for (const { pattern, confirm } of secretPatterns) {
    result = result.replace(pattern, (found) => (confirm === undefined || confirm(found) ? mask : found));
  }
  return result.replace(cardCandidate, (found) => (isCardNumber(found) ? mask : found));
}

function maskAssignments(text: string, judge: JudgeName): string {
  const spans = findAssignments(text, judge);
  if (spans.length === 0) return text;
  let result = "";
  let from = 0;
  for (const [start, end] of spans) {
    result += text.slice(from, start) + mask;
    from = end;
  }
  return result + text.slice(from);
}
