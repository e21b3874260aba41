/** Putting events into the inbox: in the caller's transaction, or in one of their own. */

import { AuditError } from "../../base/errors.ts";
import type { Appended, PreparedEntry, PutOptions } from "../../trail/contracts.ts";
import { openTransaction, type TransactionClient } from "../../trail/postgres-transaction.ts";
import type { SqlClient } from "./client.ts";
import { deriveEntry, writeEntries } from "./derive-entry.ts";
import { findKnown, nameEvent } from "./find-known.ts";
import { inSchema } from "./names.ts";
import { sqlStateOf, translatePostgresError } from "./postgres-errors.ts";

export interface InboxOf {
  readonly schema: string;
  readonly origin: string;
}

/** The inbox of a store, and who has put something into it: connections of `pg` live long, transactions of mappers do not. */
export interface Inbox extends InboxOf {
  /** Handles that are on the store's own database, and may insert. */
  readonly proven: WeakSet<object>;
  readonly statements: { readonly putAndProve: string; readonly insertOne: string };
}

export function openInbox(schema: string, origin: string): Inbox {
  const statements = { putAndProve: inSchema(putAndProve, schema), insertOne: inSchema(insertOne, schema) };
  return { schema, origin, proven: new WeakSet(), statements };
}

/**
 * Puts events into the inbox through the caller's own client, inside the transaction it has open. They have no position
 * before that has committed. Where the database itself refuses them, the transaction can only be rolled back.
 * Errors: `TRANSACTION_INVALID`, those of appending.
 */
export async function putInTransaction(
  handle: unknown,
  entries: readonly PreparedEntry[],
  inbox: Inbox,
  { newIds = false }: PutOptions = {},
): Promise<readonly Appended[]> {
  const client = openTransaction(handle);
  if (client === undefined)
    throw invalid(
      "it is none that we know. Pass the transaction of pg, postgres.js, Kysely, Drizzle, Prisma, TypeORM or Knex itself",
    );
  try {
    if (client.isInTransaction() !== true) await assertOpen(client);
    const [first, second] = entries;
    if (!newIds || first === undefined || second !== undefined) return await putEntries(client, entries, inbox);
    await putOne(client, handle as object, first, inbox);
    return [withoutPosition];
  } catch (error) {
    if (isOtherDatabase(error)) throw otherDatabase(error);
    throw translatePostgresError("record in the transaction", error);
  }
}

/** What is said of an event that is put; the rest is the database's. */
export const inboxColumns = [
  ...["tenant", "event_id", "hash", "time", "log", "action", "outcome", "actor_type", "actor_id", "operation"],
  ...["targets", "words", "sealed", "entry"],
] as const;

/** Every value is bound as a text, which all drivers do alike. The hash is in hexadecimal. */
function placesFrom(first: number): readonly string[] {
  const types: Partial<Record<(typeof inboxColumns)[number], string>> = {
    ...{ event_id: "::uuid", time: "::bigint", targets: "::jsonb", sealed: "::jsonb" },
  };
  return inboxColumns.map((column, index) => `$${first + index}::text${types[column] ?? ""}`);
}

const putAndProve = `SELECT $schema.put_one($1::text, ${placesFrom(2).join(", ")}) AS added,
  has_column_privilege('$schema.inbox', 'entry', 'INSERT') AS may`;

const insertOne = `INSERT INTO $schema.inbox (${inboxColumns.join(", ")})
VALUES (${placesFrom(1)
  .with(inboxColumns.indexOf("hash"), `decode($${inboxColumns.indexOf("hash") + 1}::text, 'hex')`)
  .join(", ")})`;

/**
 * One with an id that was made just now. The first through a connection asks which database it is on; those that follow are plain inserts,
 * which take half of the server's time for it. A connection whose role loses the right afterwards is told so once, and asks again.
 */
async function putOne(client: SqlClient, handle: object, entry: PreparedEntry, inbox: Inbox): Promise<void> {
  const { origin, proven, statements } = inbox;
  const row = deriveEntry(entry);
  const values = [
    ...[row.tenant, row.id, row.hash, String(row.time), row.log, row.action, row.outcome, row.actor_type, row.actor_id],
    ...[row.operation, JSON.stringify(row.targets), row.words, JSON.stringify(row.sealed), row.entry],
  ];
  if (proven.has(handle)) {
    proven.delete(handle);
    await client.run(statements.insertOne, values);
  } else {
    const [answer] = await client.run(statements.putAndProve, [origin, ...values]);
    if (answer!["added"] !== true) throw otherDatabase();
    if (answer!["may"] !== true) return;
  }
  proven.add(handle);
}

/** Puts events into the inbox in one statement, which may be a transaction of its own. Drivers' errors pass. */
export async function putEntries(
  client: SqlClient,
  entries: readonly PreparedEntry[],
  inbox: InboxOf,
): Promise<readonly Appended[]> {
  if (entries.length === 0) return [];
  const { schema, origin } = inbox;
  const statement = inSchema("SELECT origin, added FROM $schema.put($1::text, $2::text)", schema);
  const [row] = await client.run(statement, [writeEntries(entries), origin]);
  if (row!["origin"] !== origin) throw otherDatabase();
  const added = JSON.parse(row!["added"] as string) as readonly (readonly [string, string])[];
  return answerPut(client, entries, new Set(added.map(([tenant, id]) => nameEvent(tenant, id))), schema);
}

/** New ones have no position yet; an id that comes twice is new once. */
async function answerPut(
  client: SqlClient,
  entries: readonly PreparedEntry[],
  added: ReadonlySet<string>,
  schema: string,
): Promise<readonly Appended[]> {
  const unanswered = new Set(added);
  const isNew = entries.map(({ tenant, id }) => unanswered.delete(nameEvent(tenant, id)));
  if (!isNew.includes(false)) return entries.map(() => withoutPosition);
  const known = await findKnown(
    client,
    schema,
    entries.filter((_, index) => !isNew[index]),
  );
  return entries.map(({ tenant, id }, index) => {
    if (isNew[index]) return withoutPosition;
    const found = known.get(nameEvent(tenant, id));
    // It was neither new nor is it there: its transaction was rolled back, or it is being moved at this very moment.
    if (found === undefined)
      throw new AuditError(
        "STORE_LOCKED",
        `Cannot record event ${id}: another transaction records it at the same time. Try again.`,
      );
    return found;
  });
}

const withoutPosition: Appended = { seq: null, recordedAtMicros: null };

/** A driver that knows says so; otherwise Postgres is asked: it lets savepoints be made in transactions only. */
async function assertOpen(client: TransactionClient): Promise<void> {
  if (client.isInTransaction() === false) throw noTransaction();
  try {
    await client.run("SAVEPOINT auditrail_is_open");
  } catch (cause) {
    if (sqlStateOf(cause) !== "25P01") throw cause;
    throw noTransaction(cause);
  }
  await client.run("RELEASE SAVEPOINT auditrail_is_open");
}

function noTransaction(cause?: unknown): AuditError {
  return invalid("no transaction is open on it. BEGIN one first, or record without trail.in()", cause);
}

function isOtherDatabase(error: unknown): boolean {
  return ["3F000", "42P01", "42883"].includes(sqlStateOf(error) ?? "");
}

function otherDatabase(cause?: unknown): AuditError {
  return invalid("it is connected to another database than the trail's store. Open it on the same one", cause);
}

function invalid(problem: string, cause?: unknown): AuditError {
  return new AuditError("TRANSACTION_INVALID", `Cannot record in this transaction: ${problem}.`, { cause });
}
