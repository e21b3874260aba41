import type { SqliteConnection, SqliteRow } from "./driver.ts";

/** The key of a subject in a trail; made when there is none and `nowMicros` is given. */
export function readSubjectKey(connection: SqliteConnection, tenant: string, subject: string, nowMicros: number | undefined): Uint8Array | undefined {
  const trail = "(SELECT number FROM auditrail_trail WHERE tenant = ?)";
  const find = connection.prepare(`SELECT key FROM auditrail_subject_key WHERE trail = ${trail} AND subject = ?`);
  const found = (find.get(tenant, subject) as SqliteRow | undefined)?.["key"] as Uint8Array | undefined;
  if (found !== undefined || nowMicros === undefined) return found;
  const key = crypto.getRandomValues(new Uint8Array(32));
  // Two processes may make one at once: the first is kept, and both use it.
  connection.exec("BEGIN IMMEDIATE");
  try {
    const raced = find.get(tenant, subject) as SqliteRow | undefined;
    if (raced === undefined) {
      connection.prepare(`INSERT INTO auditrail_subject_key (trail, subject, key, made_at) VALUES (${trail}, ?, ?, ?)`).run(tenant, subject, key, nowMicros);
    }
    connection.exec("COMMIT");
    return (raced?.["key"] as Uint8Array | undefined) ?? key;
  } catch (error) {
    connection.exec("ROLLBACK");
    throw error;
  }
}
