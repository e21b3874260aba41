/**
 * The part of a Postgres driver that is used here: `Pool` and `Client` of `pg` both have it; a type test holds them to it.
 * @see https://node-postgres.com/apis/client
 */

export type SqlRow = Readonly<Record<string, unknown>>;

export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export async function allRows(connection: Connection, sql: string, ...values: unknown[]): Promise<readonly SqlRow[]> {
  return (await connection.query(sql, values)).rows as readonly SqlRow[];
}
