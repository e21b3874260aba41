/** What one run of an application showed: its inventory, and what its trail holds of it. Plain JSON, to be added up with others. */

import type { InventoryItem } from "../event/inventory.ts";

export const observationFormat = "auditrail/coverage/1";

/** The runs of one route, by what the trail tells. */
export interface SeenRoute {
  readonly route: string;
  /** Of a request, where its event says so. */
  readonly method?: string;
  /** How often it ran: operations, and what was collapsed into one event counted whole. */
  readonly runs: number;
  /** How many events of each action its runs have. */
  readonly actions: Readonly<Record<string, number>>;
  /** How many rows of each table its runs changed. */
  readonly writes: Readonly<Record<string, number>>;
}

export type ChangeKind = "insert" | "update" | "delete";

/** The changes of one table's rows, by what the trail tells. */
export interface SeenTable {
  readonly table: string;
  readonly changes: Readonly<Record<ChangeKind, number>>;
  /** Actions of the events that speak of them: those in the same operation. */
  readonly actions: Readonly<Record<string, number>>;
  /** Changes that no event speaks of, but whose writer gave a reason: by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Row changes that the database captured and no event speaks of. */
export interface SilentWrite {
  readonly table: string;
  readonly change: ChangeKind;
  /** `missing`: made outside of everything that says who and why. `given`: an operation is named, and it recorded nothing. */
  readonly context: "given" | "missing";
  readonly count: number;
  /** The first of them. */
  readonly first: { readonly row: string; readonly time: string; readonly tenant: string; readonly seq: number };
}

export interface Observation {
  readonly format: typeof observationFormat;
  readonly items: readonly InventoryItem[];
  readonly routes: readonly SeenRoute[];
  readonly tables: readonly SeenTable[];
  readonly silent: readonly SilentWrite[];
  /** How many entries were looked at. */
  readonly entries: number;
}
