import { customerNumberAt, customerNumbers } from "../rules/customer-number.ts";
import { queueMail } from "../mail/outbox.ts";
import { Refusal, type Pantry } from "./pantry.ts";
import type { ParticipantRow } from "./rows.ts";
import { participantTarget } from "./targets.ts";

export interface ParticipantFields {
  readonly name: string;
  readonly email: string;
  readonly adults: number;
  readonly children: number;
  readonly infants: number;
  readonly language: string;
  readonly program: string;
  readonly active: boolean;
}

/** Makes a participant with an account, whose first password comes by mail. Gives the customer number. */
export function registerParticipant(pantry: Pantry, fields: ParticipantFields): string {
  assertFields(fields);
  return pantry.transaction((record) => {
    const { sql } = pantry;
    const number = drawNumber(pantry);
    const { name, email, adults, children, infants, language, program, active } = fields;
    sql.run`INSERT INTO usedNumber VALUES (${number})`;
    sql.run`INSERT INTO participant VALUES (${number}, ${name}, ${email}, ${adults}, ${children}, ${infants},
      ${language}, ${program}, ${Number(active)}, ${pantry.now().toISOString()})`;
    sql.run`INSERT INTO person (login, name, email, role, participant, active)
      VALUES (${number}, ${name}, ${email}, 'participant', ${number}, 1)`;
    const participant = readParticipant(pantry, number);
    record("pantry.participant-registered", {
      target: participantTarget(participant),
      after: stateOf(participant),
    });
    queueMail(pantry, "onboarding", number);
    return number;
  });
}

export function changeParticipant(pantry: Pantry, number: string, fields: ParticipantFields): void {
  assertFields(fields);
  pantry.transaction((record) => {
    const before = readParticipant(pantry, number);
    const { name, email, adults, children, infants, language, program, active } = fields;
    pantry.sql.run`UPDATE participant SET name = ${name}, email = ${email}, adults = ${adults}, children = ${children},
      infants = ${infants}, language = ${language}, program = ${program}, active = ${Number(active)} WHERE number = ${number}`;
    pantry.sql.run`UPDATE person SET name = ${name}, email = ${email} WHERE participant = ${number}`;
    const after = readParticipant(pantry, number);
    record("pantry.participant-changed", {
      ...{ target: participantTarget(after), before: stateOf(before), after: stateOf(after) },
    });
  });
}

/** Takes the participant with account, vouchers and orders out of the pantry's tables. What was recorded stays. */
export function deleteParticipant(pantry: Pantry, number: string, reason: string): void {
  if (reason.trim() === "") throw new Refusal("Say why the participant is deleted.");
  pantry.transaction((record) => {
    const participant = readParticipant(pantry, number);
    pantry.sql.run`DELETE FROM participant WHERE number = ${number}`;
    record("pantry.participant-deleted", {
      ...{ target: participantTarget(participant), before: stateOf(participant), reason },
    });
  });
}

/** Throws a {@link Refusal} where there is no such participant. */
export function readParticipant({ sql }: Pantry, number: string): ParticipantRow {
  const row = sql.get<ParticipantRow>`SELECT * FROM participant WHERE number = ${number}`;
  if (row === undefined) throw new Refusal(`There is no participant ${number}.`);
  return row;
}

/** Those whose number, name or address holds the text, by name; at most 200. */
export function findParticipants({ sql }: Pantry, text: string): ParticipantRow[] {
  const words = `%${text.trim().replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql.all<ParticipantRow>`SELECT * FROM participant WHERE number LIKE ${words} ESCAPE '\\' OR name LIKE ${words} ESCAPE '\\'
    OR email LIKE ${words} ESCAPE '\\' ORDER BY name, number LIMIT 200`;
}

function stateOf({ name, email, adults, children, infants, language, program, active }: ParticipantRow) {
  return { name, email, adults, children, infants, language, program, active: active === 1 };
}

function assertFields({ name, email, adults, children, infants }: ParticipantFields): void {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 30;
  if (name.trim() === "") throw new Refusal("A participant needs a name.");
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Refusal(`"${email}" is no e-mail address.`);
  if (![adults, children, infants].every(isCount)) throw new Refusal("Numbers of people are whole, from 0 to 30.");
  if (infants > children)
    throw new Refusal("Children in diapers are among the children: there cannot be more of them.");
}

function drawNumber({ sql, chance }: Pantry): string {
  for (let place = Math.floor(chance() * customerNumbers), tries = 0; tries < customerNumbers; tries += 1, place += 1) {
    const number = customerNumberAt(place % customerNumbers);
    if (!isTaken(sql, number)) return number;
  }
  throw new Refusal("All customer numbers are taken.");
}

/** Also by people who are gone: a number never comes back to somebody else. */
function isTaken(sql: Pantry["sql"], number: string): boolean {
  return sql.get<object>`SELECT 1 FROM usedNumber WHERE number = ${number}` !== undefined;
}
