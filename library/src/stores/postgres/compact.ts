/**
 * Rewriting the tables that data was erased from, so that nothing of it can be read from the database's files any more.
 *
 * Postgres keeps deleted rows in place until they are overwritten. VACUUM FULL writes each table and its indexes anew
 * and removes the old files. It keeps rows that a transaction from before the erasure could still see, so it is only done
 * when there is none. Most end in an instant, such as our own rounds, or autovacuum's, and are waited for. The server's
 * log (WAL) has the rows until it is recycled, backups until they are removed.
 */

import { setTimeout as sleep } from "node:timers/promises";

import { AuditError } from "../../base/errors.ts";
import type { SqlDatabase } from "./client.ts";
import { runnerOf } from "./reader.ts";
import type { SqlRunner } from "./read-page.ts";
import { list, sql } from "./sql-part.ts";

/** How long older transactions are waited for. */
const defaultPatienceMs = 20_000;
const lookEveryMs = 20;

/** Errors: `STORE_LOCKED`, `STORE_READ_ONLY`; drivers' errors pass. */
export async function compact(
  database: SqlDatabase,
  schema: string,
  nowMicros: number,
  patienceMs = defaultPatienceMs,
): Promise<void> {
  const run = runnerOf(database, schema);
  const open = await run(sql`SELECT order_key FROM $schema.erasure_end WHERE compacted_at IS NULL`);
  if (open.length === 0) return;
  const [role] = await run(sql`
    SELECT pg_has_role(current_user, relowner, 'USAGE') AS owns FROM pg_class WHERE oid = '$schema.sealed'::regclass`);
  if (role!["owns"] !== true) throw notOwner();
  for (const giveUpAt = performance.now() + patienceMs; await isStillRead(run); await sleep(lookEveryMs))
    if (performance.now() >= giveUpAt) throw stillRead();
  for (const table of await tablesToRewrite(run)) await database.run(`VACUUM FULL "${schema}"."${table}"`);
  const keys = list(open.map(({ order_key: key }) => sql`${Number(key)}`));
  await run(sql`UPDATE $schema.erasure_end SET compacted_at = ${nowMicros} WHERE order_key IN (${keys})`);
}

/**
 * Whether a row that an erasure removed could be kept by VACUUM. A transaction that was open then and has written counts too, though it may read
 * nothing of before (READ COMMITTED): the oldest of those, in all databases, is where the horizon of every new snapshot lies.
 */
async function isStillRead(run: SqlRunner): Promise<boolean> {
  const [old] = await run(sql`
    SELECT 1 FROM $schema.erasure_end WHERE compacted_at IS NULL AND (removed_in >= pg_snapshot_xmin(pg_current_snapshot()) OR EXISTS (
      SELECT 1 FROM (
        SELECT backend_xmin AS xmin FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
        UNION ALL SELECT xmin FROM pg_replication_slots) o
      WHERE o.xmin IS NOT NULL AND age(o.xmin) >= age(removed_in::xid))) LIMIT 1`);
  return old !== undefined;
}

/** Entries are rewritten where some were pruned: their partitions are named by the schema itself. */
async function tablesToRewrite(run: SqlRunner): Promise<readonly string[]> {
  const [pruned] = await run(sql`
    SELECT 1 FROM $schema.erasure_end n JOIN $schema.erasure x ON x.order_key = n.order_key
    WHERE n.compacted_at IS NULL AND x.part IS NULL AND x.subject IS NULL LIMIT 1`);
  if (pruned === undefined) return ["sealed", "search", "subject_key"];
  const partitions = await run(sql`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = '$schema.entry'::regclass ORDER BY 1`);
  return ["sealed", "search", "subject_key", "target", ...partitions.map(({ name }) => name as string)];
}

/** Postgres only warns that it skips a table. */
function notOwner(): AuditError {
  return new AuditError(
    "STORE_READ_ONLY",
    "Cannot finish erasing: the data is gone, but only the owner of the tables may rewrite them, so that its bytes are gone from the files too. Compact as the owner.",
  );
}

function stillRead(): AuditError {
  return new AuditError(
    "STORE_LOCKED",
    "Cannot finish erasing: the data is gone, but a transaction from before is still open on the server, in this database or another, and the rows cannot be removed from the files. Try again when it has ended.",
  );
}
