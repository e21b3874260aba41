import type { Language } from "../domain/people.ts";
import { en, type TextKey } from "./en.ts";
import { kk } from "./kk.ts";
import { ru } from "./ru.ts";

export type { TextKey } from "./en.ts";

const texts: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en, ru, kk };

export type TextValues = Readonly<Record<string, string | number>>;

/** A text in a language, with its gaps filled. */
export function say(language: Language, key: TextKey, values: TextValues = {}): string {
  return texts[language][key].replaceAll(/\{(\w+)\}/g, (gap, name: string) => String(values[name] ?? gap));
}
