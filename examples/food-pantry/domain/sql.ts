/**
 * SQL as text with values in their places, each statement prepared once: `` sql.get<OrderRow>`SELECT … WHERE number = ${number}` ``.
 * node:sqlite has a tag store too, but its statements keep the file open behind a closed database (24.21).
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

type Values = readonly SQLInputValue[];

export interface Sql {
  /** The first row, if there is one. */
  get<Row>(text: TemplateStringsArray, ...values: Values): Row | undefined;
  all<Row>(text: TemplateStringsArray, ...values: Values): Row[];
  run(text: TemplateStringsArray, ...values: Values): { readonly changes: number; readonly lastInsertRowid: number };
}

export function createSql(database: DatabaseSync): Sql {
  const prepared = new Map<TemplateStringsArray, StatementSync>();
  const statement = (text: TemplateStringsArray): StatementSync => {
    const known = prepared.get(text) ?? database.prepare(text.join("?"));
    prepared.set(text, known);
    return known;
  };
  return {
    get: <Row>(text: TemplateStringsArray, ...values: Values) => statement(text).get(...values) as Row | undefined,
    all: <Row>(text: TemplateStringsArray, ...values: Values) => statement(text).all(...values) as Row[],
    run(text, ...values) {
      const { changes, lastInsertRowid } = statement(text).run(...values);
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
    },
  };
}
