/** Making, opening and migrating the tables. Making is never a side effect of opening: it has to be asked for. */

import { AuditError, quote } from "../../base/errors.ts";
import { makeUpOrigin } from "../../trail/contracts.ts";
import type { SqlClient, SqlDatabase } from "./client.ts";
import { createTrail } from "./migrations/0001-create-trail.ts";
import { tallyOfKinds } from "./migrations/0002-tally-of-kinds.ts";
import { placeFunctions } from "./migrations/0003-place-function.ts";
import { putDirectly } from "./migrations/0004-put-directly.ts";
import { inSchema } from "./names.ts";

/** Append-only once released: migration n brings version n - 1 to version n. */
const migrations: readonly string[] = [createTrail, tallyOfKinds, placeFunctions, putDirectly];

export const schemaVersion = migrations.length;

/** 14 is the oldest that its makers still mended when this was written. */
const oldestServer = 140_000;

export interface OpenSchemaOptions {
  readonly schema: string;
  readonly createIfMissing: boolean;
  readonly readOnly: boolean;
  /** What the origins of a new store's trails start with; made up when absent. */
  readonly origin: string | undefined;
}

/**
 * Brings the schema to the current version where that is asked for; answers the store's origin.
 * Errors: `RUNTIME_UNSUPPORTED`, `STORE_FOREIGN`, `STORE_NEWER`, `STORE_READ_ONLY`, `OPTION_INVALID`.
 */
export async function openSchema(database: SqlDatabase, options: OpenSchemaOptions): Promise<string> {
  const { schema, createIfMissing, readOnly, origin } = options;
  await assertServer(database);
  let version = await readSchemaVersion(database, schema);
  if (version === undefined && (!createIfMissing || readOnly)) throw foreign(schema);
  if (version !== undefined && version > schemaVersion) throw newer(schema, version);
  if ((version ?? 0) < schemaVersion && !readOnly) {
    await database.transaction((client) => migrate(client, schema, origin ?? makeUpOrigin()));
    version = schemaVersion;
  }
  if (!readOnly) await makePartitions(database, schema);
  const kept = (await readMeta(database, schema, "origin"))!;
  if (origin === undefined || origin === kept) return kept;
  throw new AuditError(
    "OPTION_INVALID",
    `Cannot open schema ${quote(schema)} with origin ${quote(origin)}: it was made with ${quote(kept)}, which its entries name. Leave the option out.`,
  );
}

async function assertServer(client: SqlClient): Promise<void> {
  const [row] = await client.run(
    "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version, current_setting('server_encoding') AS encoding",
  );
  if (Number(row!["number"]) < oldestServer)
    throw unsupported(`Postgres ${String(row!["version"])}: it is older than 14`);
  if (row!["encoding"] !== "UTF8")
    throw unsupported(`a database in ${String(row!["encoding"])}: entries are UTF-8. Make one with ENCODING 'UTF8'`);
}

function unsupported(what: string): AuditError {
  return new AuditError("RUNTIME_UNSUPPORTED", `Cannot keep a trail in ${what}.`);
}

/** The version of our tables in a schema, or `undefined` where it has none of them. */
export async function readSchemaVersion(client: SqlClient, schema: string): Promise<number | undefined> {
  const [row] = await client.run("SELECT to_regclass($1::text) IS NOT NULL AS there", [`"${schema}".meta`]);
  return row!["there"] === true ? Number(await readMeta(client, schema, "schema_version")) : undefined;
}

export async function readMeta(client: SqlClient, schema: string, name: string): Promise<string | undefined> {
  const rows = await client.run(inSchema("SELECT value FROM $schema.meta WHERE name = $1", schema), [name]);
  return rows[0]?.["value"] as string | undefined;
}

/** In one transaction, under a lock of its own. Any number of processes may try at once. */
async function migrate(client: SqlClient, schema: string, origin: string): Promise<void> {
  await client.run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`auditrail migration ${schema}`]);
  const version = (await readSchemaVersion(client, schema)) ?? 0;
  // A newer process may have been here since the version was looked at: it must not be taken back.
  if (version > schemaVersion) throw newer(schema, version);
  if (version === schemaVersion) return;
  if (version === 0) await client.run(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  for (const sql of migrations.slice(version)) await client.run(inSchema(sql, schema));
  if (version === 0) {
    await client.run(
      inSchema(
        "INSERT INTO $schema.meta (name, value) VALUES ('origin', $1), ('schema_version', $2), ('created_at', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text)",
        schema,
      ),
      [origin, String(schemaVersion)],
    );
  } else {
    await client.run(inSchema("UPDATE $schema.meta SET value = $1 WHERE name = 'schema_version'", schema), [
      String(schemaVersion),
    ]);
  }
}

/** Some months ahead, by whoever owns the schema; others leave it to the owner. */
export async function makePartitions(client: SqlClient, schema: string): Promise<void> {
  const [row] = await client.run(
    "SELECT pg_has_role(current_user, nspowner, 'USAGE') AS owns FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  if (row?.["owns"] === true) await client.run(inSchema("SELECT $schema.make_partitions(3)", schema));
}

function foreign(schema: string): AuditError {
  return new AuditError(
    "STORE_FOREIGN",
    `Cannot open schema ${quote(schema)} as a trail: the database has no tables of ours there. To make them pass createIfMissing: true or run \`auditrail init\`.`,
  );
}

function newer(schema: string, version: number): AuditError {
  return new AuditError(
    "STORE_NEWER",
    `Cannot open schema ${quote(schema)}: it is version ${version}, and this library knows up to ${schemaVersion}. Update auditrail.`,
  );
}
