import { Refusal } from "./refusal.ts";
import { change, one, run, type World } from "./world.ts";

export const languages = ["en", "ru", "kk"] as const;
export type Language = (typeof languages)[number];

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly language: Language;
  readonly active: number;
  readonly no_reward_percent: number;
}

export const isLanguage = (text: unknown): text is Language => languages.some((each) => each === text);

const stateOf = ({ language, no_reward_percent, active }: Person) => ({
  language,
  noRewardPercent: no_reward_percent,
  active: active === 1,
});

export const findPerson = (world: World, id: number): Person | undefined =>
  one<Person>(world, "SELECT * FROM person WHERE id = ?", id);

/** Whoever writes to the bot for the first time has joined. */
export function personFor(world: World, from: { id: number; first_name: string; language_code?: string }): Person {
  const known = findPerson(world, from.id);
  if (known !== undefined) return known;
  const language = isLanguage(from.language_code) ? from.language_code : "en";
  return change(world, (record) => {
    run(world, "INSERT INTO person (id, name, language) VALUES (?, ?, ?)", from.id, from.first_name, language);
    const person = findPerson(world, from.id)!;
    record("bot.joined", {
      target: { type: "person", id: String(person.id), name: person.name },
      after: stateOf(person),
    });
    return person;
  });
}

export type Settings = Partial<{ readonly language: string; readonly noRewardPercent: number }>;

/** Errors: a refusal. */
export function changeSettings(world: World, person: Person, { language, noRewardPercent }: Settings): Person {
  if (language !== undefined && !isLanguage(language)) throw new Refusal("language-unknown", { given: language });
  return change(world, (record) => {
    const before = findPerson(world, person.id)!;
    const after = {
      ...before,
      language: language ?? before.language,
      no_reward_percent: noRewardPercent ?? before.no_reward_percent,
    };
    run(
      world,
      "UPDATE person SET language = ?, no_reward_percent = ? WHERE id = ?",
      after.language,
      after.no_reward_percent,
      person.id,
    );
    const target = { type: "person", id: String(person.id), name: person.name };
    record("bot.settings-changed", { target, before: stateOf(before), after: stateOf(after) });
    return after;
  });
}
