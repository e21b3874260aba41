/** Reading forms. What cannot be read is a {@link Refusal} in the words of the form. */

import { Refusal } from "../domain/pantry.ts";
import { parseMoney, type Cents } from "../rules/money.ts";
import type { Call } from "./site.ts";

export interface Form {
  text(name: string): string;
  /** A whole number from 0. */
  count(name: string): number;
  money(name: string): Cents;
  /** A moment that a person wrote in the pantry's own time. */
  moment(name: string): Date;
  isOn(name: string): boolean;
  /** One of these; the first unless said. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice;
  readonly names: readonly string[];
}

export async function readForm(c: Call): Promise<Form> {
  const body = await c.req.parseBody();
  const text = (name: string): string => {
    const value = body[name];
    // Browsers send the lines of a text with CR LF.
    return typeof value === "string" ? value.replaceAll("\r\n", "\n").trim() : "";
  };
  return {
    text,
    names: Object.keys(body),
    count(name) {
      if (!/^\d{1,6}$/.test(text(name))) throw new Refusal(`"${text(name)}" is no whole number.`);
      return Number(text(name));
    },
    money(name) {
      const cents = parseMoney(text(name));
      if (cents === undefined) throw new Refusal(`"${text(name)}" is no amount such as 12.50.`);
      return cents;
    },
    moment(name) {
      const moment = new Date(text(name));
      if (Number.isNaN(moment.getTime())) throw new Refusal(`"${text(name)}" is no date and time.`);
      return moment;
    },
    isOn: (name) => body[name] !== undefined,
    oneOf(name, choices) {
      const found = choices.find((choice) => choice === text(name));
      if (found === undefined) throw new Refusal(`"${text(name)}" is none of ${choices.join(", ")}.`);
      return found;
    },
  };
}
