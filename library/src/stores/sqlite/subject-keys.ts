import type { SqliteConnection, SqliteRow } from "./driver.ts";

const findKey = `SELECT key FROM auditrail_subject_key
  WHERE trail = (SELECT number FROM auditrail_trail WHERE tenant = ?) AND subject = ?`;

/** The keys of those of the subjects that have one. */
export function readSubjectKeys(
  connection: SqliteConnection,
  tenant: string,
  subjects: readonly string[],
): ReadonlyMap<string, Uint8Array> {
  const find = connection.prepare(findKey);
  const keys = new Map<string, Uint8Array>();
  for (const subject of subjects) {
    const row = find.get(tenant, subject) as SqliteRow | undefined;
    if (row !== undefined) keys.set(subject, row["key"] as Uint8Array);
  }
  return keys;
}

/** Makes the keys that are missing. Two processes may do so at once: the first to have the lock makes them, both use them. */
export function makeSubjectKeys(
  connection: SqliteConnection,
  tenant: string,
  subjects: readonly string[],
  nowMicros: number,
): ReadonlyMap<string, Uint8Array> {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const there = readSubjectKeys(connection, tenant, subjects);
    const add = connection.prepare(
      "INSERT INTO auditrail_subject_key (trail, subject, key, made_at) VALUES ((SELECT number FROM auditrail_trail WHERE tenant = ?), ?, ?, ?)",
    );
    for (const subject of new Set(subjects)) {
      if (!there.has(subject)) add.run(tenant, subject, crypto.getRandomValues(new Uint8Array(32)), nowMicros);
    }
    const keys = readSubjectKeys(connection, tenant, subjects);
    connection.exec("COMMIT");
    return keys;
  } catch (error) {
    connection.exec("ROLLBACK");
    throw error;
  }
}
