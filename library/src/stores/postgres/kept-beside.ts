/** What is kept beside the trails: how far producers are settled, and catalogues. */

import type { CatalogueDescription } from "../../event/describe.ts";
import type { AppendOptions } from "../../trail/contracts.ts";
import type { SqlRunner } from "./read-page.ts";
import { sql } from "./sql-part.ts";

export async function readSettled(run: SqlRunner, producer: string): Promise<number> {
  const [row] = await run(sql`SELECT settled FROM $schema.producer WHERE id = ${producer}`);
  return Number(row?.["settled"] ?? 0);
}

export async function settle(
  run: SqlRunner,
  { producer, total }: NonNullable<AppendOptions["settles"]>,
): Promise<void> {
  await run(
    sql`INSERT INTO $schema.producer AS p (id, settled) VALUES (${producer}, ${total}) ON CONFLICT (id) DO UPDATE SET settled = greatest(p.settled, excluded.settled)`,
  );
}

/** Under a lock, because other processes with the same catalogue start at the same time. In a transaction. */
export async function putCatalogue(
  run: SqlRunner,
  description: CatalogueDescription,
  nowMicros: number,
): Promise<void> {
  const text = JSON.stringify(description);
  if ((await readCatalogueText(run)) === text) return;
  await run(sql`LOCK TABLE $schema.catalogue IN SHARE ROW EXCLUSIVE MODE`);
  if ((await readCatalogueText(run)) === text) return;
  await run(sql`INSERT INTO $schema.catalogue (recorded_at, description) VALUES (${nowMicros}, ${text})`);
}

export async function readCatalogue(run: SqlRunner): Promise<CatalogueDescription | undefined> {
  const text = await readCatalogueText(run);
  return text === undefined ? undefined : (JSON.parse(text) as CatalogueDescription);
}

async function readCatalogueText(run: SqlRunner): Promise<string | undefined> {
  const [row] = await run(sql`SELECT description FROM $schema.catalogue ORDER BY number DESC LIMIT 1`);
  return row?.["description"] as string | undefined;
}
