/** What readers may see: logs that are restricted, and queries that would tell what is masked. */

import { AuditError, quote } from "../base/errors.ts";
import type { Catalogue, Log } from "../event/catalogue.ts";
import { marksOf, type MarkTree } from "../event/marks.ts";
import { everything, not, or, type FieldQuery, type PathStep, type Query } from "../query/ast.ts";
import { findField } from "../query/fields.ts";
import { parseFieldPath } from "../query/parse-field-name.ts";
import type { Reader } from "./caller.ts";

export interface AccessRules {
  /** Goes with every query of the reader: what they may not read does not match. */
  ruleFor(reader: Reader): Query;
  /** Errors: `QUERY_PERSONAL`. */
  assertQuery(reader: Reader, query: Query): void;
  /** Errors: `QUERY_PERSONAL`, `QUERY_INVALID` for an unknown field. */
  assertFields(reader: Reader, names: readonly string[]): void;
  /** Whether the reader may ask for the values of a field. Errors: `QUERY_INVALID` for an unknown field. */
  mayAsk(reader: Reader, name: string): boolean;
  /** Whether counts by these fields show the reader personal data. Errors: `QUERY_INVALID` for an unknown field. */
  reveals(reader: Reader, names: readonly string[]): boolean;
  mayReadLog(reader: Reader, log: Log): boolean;
}

export function createAccessRules(catalogue: Catalogue): AccessRules {
  const staffRule = ruleForStaff(catalogue);
  const marks = collectMarks(catalogue);
  const isPersonal = ({ field, path = [] }: Pick<FieldQuery, "field" | "path">): boolean => {
    if (findField(field)?.personal === true) return true;
    const trees = field === "data" ? marks.data : field === "before" || field === "after" ? marks.state : [];
    return trees.some((tree) => leadsToPersonal(tree, path));
  };
  const refuse = (field: string): never => {
    const message = `Cannot answer: ${quote(field)} is personal data, which this reader may not see. Ask by id, or with the role of staff or auditor.`;
    throw new AuditError("QUERY_PERSONAL", message, { details: { field } });
  };
  const visit = (query: Query): void => {
    if (query.kind === "and" || query.kind === "or") query.parts.forEach(visit);
    else if (query.kind === "not") visit(query.part);
    else if (query.kind === "field" && isPersonal(query)) refuse([query.field, ...(query.path ?? [])].join("."));
  };
  const isPersonalName = (name: string): boolean => {
    const { field, path } = parseFieldPath(name);
    return isPersonal({ field: field.name, ...(path === undefined ? {} : { path }) });
  };
  const mayAsk = (reader: Reader, name: string): boolean => !isPersonalName(name) || reader.mayReveal;
  return {
    mayAsk,
    ruleFor: (reader) => (reader.restricted ? everything : staffRule),
    assertQuery: (reader, query) => (reader.mayReveal ? undefined : visit(query)),
    assertFields(reader, names) {
      for (const name of names) if (!mayAsk(reader, name)) refuse(name);
    },
    reveals: (reader, names) => reader.reveals && names.some(isPersonalName),
    mayReadLog: (reader, log) => reader.restricted || log.readers === "staff",
  };
}

/**
 * Only the logs that the catalogue gives to staff: one that was restricted stays so when it is dropped from the catalogue. A
 * catalogue that takes any log has no list, and only those are left out that it says are restricted.
 */
function ruleForStaff(catalogue: Catalogue): Query {
  const logs = [...catalogue.logs.values()];
  const named = (readers: Log["readers"]) => logs.filter((log) => log.readers === readers).map(({ name }) => name);
  const isOpen = catalogue.lookup("a-log-that-nobody-defined.any") !== undefined;
  if (!isOpen) return logIn(named("staff"));
  const restricted = named("restricted");
  return restricted.length === 0 ? everything : not(logIn(restricted));
}

function logIn(names: readonly string[]): Query {
  return { kind: "field", field: "log", tests: names.map((name) => ({ kind: "text", pattern: [name] })) };
}

function collectMarks(catalogue: Catalogue): {
  readonly data: readonly MarkTree[];
  readonly state: readonly MarkTree[];
} {
  const actions = catalogue.actionNames.map((name) => catalogue.find(name));
  const open = [...catalogue.logs.values()].flatMap(({ otherActions }) => otherActions ?? []);
  const there = (trees: readonly (MarkTree | undefined)[]) => trees.filter((tree) => tree !== undefined);
  return {
    data: there([...actions.map(({ dataMarks }) => dataMarks), ...open.map(({ data }) => data && marksOf(data))]),
    state: there([...actions.map(({ stateMarks }) => stateMarks), ...open.map(({ state }) => state && marksOf(state))]),
  };
}

/** Whether the value at a path is personal, or one of its items is, or it lies inside one that is. */
function leadsToPersonal(tree: MarkTree, path: readonly PathStep[]): boolean {
  if (tree.mark?.kind === "personal") return true;
  const [step, ...rest] = path;
  if (step === undefined) return tree.items?.mark?.kind === "personal";
  const below = [tree.members?.get(String(step)), tree.items].filter((child) => child !== undefined);
  return below.some((child) => leadsToPersonal(child, rest));
}

/** Whether free words are in a query: they also look into names and addresses. */
export function hasWords(query: Query): boolean {
  if (query.kind === "and" || query.kind === "or") return query.parts.some(hasWords);
  return query.kind === "not" ? hasWords(query.part) : query.kind === "words";
}

/**
 * A query that finds at least what `query` finds among masked entries: the store looks for words in what is masked as well, so
 * what it finds has to be looked at again, and what it must not have must not be left out by it.
 */
export function widen(query: Query, isNegated = false): Query {
  switch (query.kind) {
    case "words":
      return isNegated ? or() : query;
    case "not":
      return not(widen(query.part, !isNegated));
    case "and":
    case "or":
      return { ...query, parts: query.parts.map((part) => widen(part, isNegated)) };
    case "everything":
    case "field":
      return query;
  }
}
