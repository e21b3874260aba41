import type { DatabaseSync } from "node:sqlite";

import type { Clock, Trail } from "auditrail";
import { writeInOperation } from "auditrail/sqlite-triggers";

import type { HabitCatalogue } from "../catalogue.ts";

export type HabitTrail = Trail<NonNullable<HabitCatalogue["actions"]>, DatabaseSync>;

/** What the rules need of their surroundings. */
export interface World {
  readonly database: DatabaseSync;
  readonly trail: HabitTrail;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Where a day begins and ends: an IANA name. Instants are UTC throughout. */
  readonly zone: string;
}

/** A change of the database and the events about it: both are kept, or neither is. */
export function change<Result>(
  { database, trail }: World,
  fn: (record: ReturnType<HabitTrail["in"]>["recordSync"]) => Result,
): Result {
  return writeInOperation(database, () => fn(trail.in(database).recordSync));
}

type Value = null | number | string;

export const one = <Row>({ database }: World, sql: string, ...values: Value[]): Row | undefined =>
  database.prepare(sql).get(...values) as Row | undefined;

export const all = <Row>({ database }: World, sql: string, ...values: Value[]): readonly Row[] =>
  database.prepare(sql).all(...values) as Row[];

/** Answers the id of what was inserted. */
export const run = ({ database }: World, sql: string, ...values: Value[]): number =>
  Number(database.prepare(sql).run(...values).lastInsertRowid);
