/** Pools and clients of pg fit change capture as they are; so do the transactions of other drivers, and a trail with the row log. */

import type { Kysely, Transaction } from "kysely";
import type { Client, Pool } from "pg";
import type { TransactionSql } from "postgres";

import { drainChanges, writeInOperation, type Connection } from "../../src/capture/postgres-triggers/index.ts";
import { defineCatalogue, defineLog, defineRowLog, type Trail } from "../../src/index.ts";

declare const pool: Pool;
declare const client: Client;
declare const trx: Transaction<object>;
declare const db: Kysely<object>;
declare const sql: TransactionSql;
export const connections: readonly Connection[] = [pool, client];

export const results: readonly Promise<number>[] = [
  writeInOperation(client, () => 1),
  writeInOperation(trx, async () => 1),
  writeInOperation(sql, () => 1),
];
// @ts-expect-error: a pool gives each statement another connection
void writeInOperation(pool, () => 1);
// @ts-expect-error: Kysely without a transaction
void writeInOperation(db, () => 1);

const catalogue = defineCatalogue(defineLog("other", { title: "Other", actions: {} }), defineRowLog());
type Actions = typeof catalogue extends { readonly actions?: infer A } ? NonNullable<A> : never;
declare const trail: Trail<Actions>;
void drainChanges(pool, trail);
