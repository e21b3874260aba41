/** Completion: the fields of the catalogue, and values that are known or were really recorded. */

import { useMemo } from "react";

import { useCatalogue, useFacets } from "../api/reading.ts";
import type { Catalogue } from "../api/types.ts";
import { termOf } from "../state/query-text.ts";
import { ownZone } from "../state/settings.ts";

export interface Suggestion {
  readonly label: string;
  readonly says: string;
  /** What takes the place of the word at the caret. */
  readonly insert: string;
  readonly from: number;
  readonly until: number;
  /** A whole term, which can be asked. */
  readonly isComplete: boolean;
}

interface Writing {
  readonly text: string;
  readonly caret: number;
  readonly tenant: string | undefined;
  readonly within: string;
}

/** The word at the caret: `-`, a field, and what of its value is written already. */
interface Word {
  readonly from: number;
  readonly until: number;
  readonly sign: string;
  readonly field: string | undefined;
  readonly start: string;
}

function wordAt(text: string, caret: number): Word {
  const before = text.slice(0, caret);
  const [word] = /[^\s()]*$/.exec(before)!;
  const [rest] = /^[^\s()]*/.exec(text.slice(caret))!;
  const sign = word.startsWith("-") ? "-" : "";
  const [name, ...value] = word.slice(sign.length).split(":");
  const place = { from: caret - word.length, until: caret + rest.length, sign };
  return value.length === 0
    ? { ...place, field: undefined, start: name! }
    : { ...place, field: name!, start: value.join(":") };
}

const asked = new Set(["text", "reference", "choice", "number"]);
const shown = 9;

export function useSuggestions({ text, caret, tenant, within }: Writing, isOpen: boolean): readonly Suggestion[] {
  const { data: catalogue } = useCatalogue();
  const word = useMemo(() => wordAt(text, caret), [text, caret]);
  const field = catalogue?.fields.find(({ name }) => name === word.field);
  const isCounted =
    isOpen &&
    word.field !== undefined &&
    !["id", "seq"].includes(word.field) &&
    (field === undefined
      ? /^(data|before|after)\./.test(word.field)
      : asked.has(field.type) && field.values === undefined);
  const facets = useFacets({ tenant, query: within, zone: ownZone }, isCounted ? [word.field!] : [], true, 50);
  return useMemo(() => {
    if (!isOpen || catalogue === undefined) return [];
    if (word.field === undefined) return suggestFields(catalogue, word);
    const counted = isCounted ? (facets.data?.facets[0]?.values ?? []) : [];
    const known: readonly (readonly [string, string])[] = [
      ...(field?.values ?? []).map((value) => [value, ""] as const),
      ...counted.flatMap(({ value, count }) => (value === null ? [] : [[value, count.toLocaleString("en")] as const])),
    ];
    return suggestValues(word, known);
  }, [catalogue, facets.data, field, isCounted, isOpen, word]);
}

function suggestFields({ fields }: Catalogue, word: Word): readonly Suggestion[] {
  const { start, from, until, sign } = word;
  const fitting = fields.filter(({ name }) => name.toLowerCase().startsWith(start.toLowerCase()));
  const inside =
    start.length < 2
      ? []
      : fields.filter((field) => !fitting.includes(field) && field.name.toLowerCase().includes(start.toLowerCase()));
  return [...fitting, ...inside].slice(0, shown).map(({ name, type, says }) => ({
    ...{ label: `${name}${type === "value" ? "." : ":"}`, says, from, until },
    insert: `${sign}${name}${type === "value" ? "." : ":"}`,
    isComplete: false,
  }));
}

function suggestValues(word: Word, known: readonly (readonly [string, string])[]): readonly Suggestion[] {
  const { start, from, until, sign, field } = word;
  const wanted = start.replace(/^"/, "").toLowerCase();
  const begins = known.filter(([value]) => value.toLowerCase().startsWith(wanted));
  const others = known.filter((one) => !begins.includes(one) && one[0].toLowerCase().includes(wanted));
  return [...begins, ...others].slice(0, shown).map(([value, says]) => {
    const term = termOf(field!, value);
    return {
      label: value.slice(0, 80),
      says,
      from,
      until,
      isComplete: true,
      insert: sign === "" ? term : `-${/\s-/.test(term) ? `(${term})` : term}`,
    };
  });
}

export function applySuggestion(text: string, { insert, from, until, isComplete }: Suggestion) {
  const after = text.slice(until).trimStart();
  const middle = isComplete ? `${insert} ` : insert;
  return { text: text.slice(0, from) + middle + after, caret: from + middle.length };
}
