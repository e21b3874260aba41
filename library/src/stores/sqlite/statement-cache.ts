import type { SqliteConnection, SqliteRow, SqliteStatement } from "./driver.ts";
import type { SqlPart } from "./sql-part.ts";

/** Statements of different text that are kept. A console asks some dozens of kinds of question; more is a stranger. */
const maximumStatements = 200;

/** Runs SQL, preparing each text once. */
export interface SqlRunner {
  all(part: SqlPart): readonly SqliteRow[];
  get(part: SqlPart): SqliteRow | undefined;
  /** For statements that answer with no rows. */
  run(part: SqlPart): void;
  /** Steps through a result without holding it; the statement is the caller's until the steps end. */
  iterate(part: SqlPart): Iterable<SqliteRow>;
}

export function createSqlRunner(connection: SqliteConnection): SqlRunner {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (text: string): SqliteStatement => {
    const statement = statements.get(text) ?? connection.prepare(text);
    // Taken out and put back, the map is in order of last use, and its first is the one to let go.
    statements.delete(text);
    statements.set(text, statement);
    if (statements.size > maximumStatements) statements.delete(statements.keys().next().value!);
    return statement;
  };
  return {
    all: ({ sql, parameters }) => prepare(sql).all(...parameters) as SqliteRow[],
    get: ({ sql, parameters }) => prepare(sql).get(...parameters) as SqliteRow | undefined,
    run: ({ sql, parameters }) => void prepare(sql).run(...parameters),
    // Not from the cache: two walks at once would share one statement, and the second would restart the first.
    iterate: ({ sql, parameters }) => connection.prepare(sql).iterate(...parameters) as Iterable<SqliteRow>,
  };
}
