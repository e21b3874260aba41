import { DatabaseSync } from "node:sqlite";

import type { Clock } from "../../src/base/time.ts";
import { createTrail } from "../../src/stores/sqlite/migrations/0001-create-trail.ts";
import { createWriter, type Writer } from "../../src/stores/sqlite/writer.ts";

/** A database in memory with the production's tables and the production's writer. */
export function createTestDatabase(origin: string, clock: Clock): { connection: DatabaseSync; writer: Writer } {
  const connection = new DatabaseSync(":memory:");
  connection.exec(createTrail);
  return { connection, writer: createWriter(connection, origin, clock) };
}
