/**
 * Mail goes into an outbox in the transaction of what it is about, and out of it later: an order never waits for a mail server, and a
 * mail is lost neither with a crash nor with a server that refuses it.
 */

import { serializeContext } from "auditrail";

import type { Pantry } from "../domain/pantry.ts";
import type { PersonRow } from "../domain/rows.ts";
import { readMailType, type MailTypeName } from "./mail-types.ts";

/** Queues a mail to a participant (by customer number) or another person; within a transaction. Nothing where the type is off. */
export function queueMail(
  pantry: Pantry,
  type: MailTypeName,
  to: string | PersonRow,
  variables: Readonly<Record<string, string>> = {},
): void {
  if (readMailType(pantry, type).active === 0) return;
  const { sql, now } = pantry;
  const person = typeof to === "string" ? personOf(pantry, to) : to;
  sql.run`INSERT INTO mail (type, participant, person, recipient, variables, queuedBy, queuedAt, status, retries, delivery)
    VALUES (${type}, ${person.participant}, ${person.id}, ${person.email}, ${JSON.stringify(variables)},
      ${serializeContext()}, ${now().toISOString()}, 'queued', 0, 'unknown')`;
}

function personOf({ sql }: Pantry, participant: string): PersonRow {
  return sql.get<PersonRow>`SELECT * FROM person WHERE participant = ${participant}`!;
}
