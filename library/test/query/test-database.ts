import { DatabaseSync } from "node:sqlite";

import type { Clock } from "../../src/base/time.ts";
import { migrations } from "../../src/stores/sqlite/schema.ts";
import { createWriter, type Writer } from "../../src/stores/sqlite/writer.ts";

/** A database in memory with the production's tables and the production's writer. */
export function createTestDatabase(origin: string, clock: Clock): { connection: DatabaseSync; writer: Writer } {
  const connection = new DatabaseSync(":memory:");
  for (const migration of migrations) connection.exec(migration);
  return { connection, writer: createWriter(connection, origin, clock) };
}
