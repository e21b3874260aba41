/** Entries that go straight to their positions, written out for the database before it is their turn. */

import { systemLog } from "../../event/system-log.ts";
import type { PreparedEntry } from "../../trail/contracts.ts";
import { byteArray, plainArray, textArray } from "../../trail/postgres-arrays.ts";
import { deriveEntry } from "./derive-entry.ts";

/** Of one trail, in their order. */
export interface OwnEntries {
  readonly entries: readonly PreparedEntry[];
  /** The arrays that `place` of the database takes, in the order of its parameters. */
  readonly columns: readonly string[];
  /** Indexes of those that the trail says of itself. */
  readonly system: readonly number[];
}

/** Errors: `STORE_CORRUPT` where a text is no event. */
export function writeOwnEntries(entries: readonly PreparedEntry[]): OwnEntries {
  const rows = entries.map(deriveEntry);
  const targets = rows.flatMap((row, index) =>
    row.targets.map(({ type, id }, place) => ({ of: index + 1, type, id, place: place + 1 })),
  );
  const parts = entries.flatMap(({ sealed }, index) => sealed.map((part) => ({ of: index + 1, ...part })));
  const texts = <Name extends keyof (typeof rows)[number]>(name: Name): string =>
    textArray(rows.map((row) => row[name] as string | null));
  return {
    entries,
    system: [...rows.keys()].filter((index) => rows[index]!.log === systemLog.name),
    columns: [
      ...[plainArray(entries.map(({ id }) => id)), byteArray(entries.map(({ hash }) => hash))],
      ...[plainArray(rows.map(({ time }) => time)), texts("log"), texts("action"), texts("op"), texts("severity")],
      ...[texts("outcome"), texts("actor_type"), texts("actor_id"), texts("operation"), texts("words")],
      // Canonical JSON has no line breaks. As texts of an array every mark of it would have to be escaped.
      entries.map(({ text }) => text).join("\n"),
      ...[plainArray(targets.map(({ of }) => of)), textArray(targets.map(({ type }) => type))],
      ...[textArray(targets.map(({ id }) => id)), plainArray(targets.map(({ place }) => place))],
      ...[plainArray(parts.map(({ of }) => of)), plainArray(parts.map(({ index }) => index))],
      ...[textArray(rows.flatMap(({ sealed }) => sealed.map(({ subject }) => subject)))],
      ...[byteArray(parts.map(({ salt }) => salt)), byteArray(parts.map(({ bytes }) => bytes))],
    ],
  };
}

/** The types of those arrays. */
const columnTypes = [
  ...["uuid[]", "bytea[]", "bigint[]"],
  ...Array.from({ length: 9 }, () => "text[]"),
  ...["text", "integer[]", "text[]", "text[]", "integer[]", "integer[]", "integer[]", "text[]", "bytea[]", "bytea[]"],
];

/** $1 tenant, $2 the edge that the trail is thought to have, $3 the time, $4 the grown edge, $5 the tiles, and the columns. */
export const placeOwnStatement = `SELECT state, trail_number AS number, trail_edge AS edge, at_time AS now
FROM $schema.place($1::text, $2::bytea, $3::bigint, $4::bytea, $5::text, ${columnTypes.map((type, index) => `$${index + 6}::text::${type}`).join(", ")})`;
