import { mask, createTextMask, type MaskText } from "./secret-text.ts";
import { secretKindOfName, type SecretKind } from "./secret-names.ts";
import { isInherited } from "./plain-json.ts";
import { splitWords } from "./split-words.ts";
import { hasBrokenCharacters, mendText } from "./text.ts";
import type { RedactionRule } from "./rules.ts";

/** What a member's name becomes in the event, why, and whether it says that its value is a secret. */
export interface NameDecision {
  readonly name: string;
  readonly rule: RedactionRule | undefined;
  readonly secret: SecretKind | undefined;
  /** Whether the name may be assigned plainly; see `setMember`. */
  readonly plain: boolean;
}

/** Decides names and texts by one set of options; decisions about names are remembered, within bounds. */
export interface Vocabulary {
  decide(name: string): NameDecision;
  maskText: MaskText;
}

export interface VocabularyOptions {
  readonly secretNames?: readonly string[];
  readonly allowNames?: readonly string[];
}

const mostRemembered = 2048;
const longestRemembered = 64;
export const longestName = 256;

export function createVocabulary(options: VocabularyOptions): Vocabulary {
  const secretNames = options.secretNames ?? [];
  const added = new Set(secretNames.map(spelling));
  const allowed = new Set(options.allowNames);
  const judge = (name: string): SecretKind | undefined => {
    if (allowed.has(name)) return undefined;
    return added.size > 0 && added.has(spelling(name)) ? "value" : secretKindOfName(name);
  };
  const remembered = new Map<string, NameDecision>();
  const maskText = createTextMask((name) => decide(name).secret, secretNames);
  const make = (name: string): NameDecision => {
    const safe = safeName(name, maskText);
    return { ...safe, secret: judge(safe.name), plain: !isInherited(safe.name) };
  };
  const decide = (name: string): NameDecision => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const made = make(name);
    // A name that had to be changed may be a secret itself: it is not kept in memory.
    if (name.length > longestRemembered || made.rule !== undefined) return made;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(name, made);
    return made;
  };
  return { decide, maskText };
}

/** The name without regard to case and separators: `employee_number` and `employeeNumber` are one. */
function spelling(name: string): string {
  return splitWords(name).join("");
}

function safeName(
  name: string,
  maskText: MaskText,
): { readonly name: string; readonly rule: RedactionRule | undefined } {
  if (name === "__proto__") return { name: "[__proto__]", rule: "reserved-key" };
  let safe = name;
  let rule: RedactionRule | undefined;
  if (hasBrokenCharacters(safe)) [safe, rule] = mendText(safe);
  if (maskText(safe) !== safe) return { name: mask, rule: "secret-key" };
  if (safe.length <= longestName) return { name: safe, rule };
  return {
    name: `${safe
      .slice(0, longestName - 1)
      .toWellFormed()
      .replace(/\ufffd$/, "")}…`,
    rule: "long-key",
  };
}
