/** Both drivers fit change capture as they are, and so does a trail with the row log. */

import type { DatabaseSync } from "node:sqlite";

import type Database from "better-sqlite3";

import { defineCatalogue, defineLog, defineRowLog, type Trail } from "../../src/index.ts";
import { drainChanges, writeInOperation, type Connection } from "../../src/capture/sqlite-triggers/index.ts";

declare const node: DatabaseSync;
declare const better: Database.Database;
export const connections: readonly Connection[] = [node, better];

export const text: string = writeInOperation(better, () => "sync");
export const later: Promise<number> = writeInOperation(node, async () => 1);

const catalogue = defineCatalogue(defineLog("other", { title: "Other", actions: {} }), defineRowLog());
type Actions = typeof catalogue extends { readonly actions?: infer A } ? NonNullable<A> : never;
declare const trail: Trail<Actions>;
void drainChanges(node, trail);
