/**
 * The functions that the triggers call.
 *
 * They run with the rights of their owner, so that an application needs none on what they write, and look names up in
 * `pg_catalog` only. Nothing in them depends on the columns of a table: one that was added, renamed or dropped since does not
 * make a write fail. What is not among the known columns is left out, because nobody has decided that it may be kept.
 */

export interface CaptureFunction {
  readonly name: string;
  readonly returns: string;
  readonly source: string;
  readonly parameters?: string;
  /** Pure functions of their values are no business of their owner's rights. */
  readonly options?: string;
}

const definer = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp";

/** The number under which this transaction's context is kept; kept at the first change that has one. */
const contextNumber: CaptureFunction = {
  name: "context_number",
  returns: "bigint",
  source: `
DECLARE
  said text := current_setting('auditrail.context', true);
  known text := current_setting('auditrail.context_number', true);
  kept bigint;
BEGIN
  IF coalesce(said, '') = '' THEN RETURN NULL; END IF;
  IF coalesce(known, '') <> '' THEN RETURN known::bigint; END IF;
  INSERT INTO auditrail_capture.context (context) VALUES (said) RETURNING number INTO kept;
  PERFORM set_config('auditrail.context_number', kept::text, true);
  RETURN kept;
END
`,
};

/** Larger values would make an entry too large anyway; their size says that there was one. */
const largestValue = 65_536;

/** A function in SQL would be planned again in every statement that calls it. */
const pure = "LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp";

/**
 * As jsonb, which refuses escapes that a column of type json may hold: of NUL, and of half a surrogate pair. A write must not fail for
 * them, so where it would, escapes of NUL and of all surrogates are read as U+FFFD. Its texts are the same whatever `standard_conforming_strings` says.
 */
const document: CaptureFunction = {
  name: "document",
  parameters: "written json",
  returns: "jsonb",
  options: pure,
  source: String.raw`
BEGIN
  IF strpos(written::text, E'\\u') = 0 THEN RETURN written::jsonb; END IF;
  BEGIN
    RETURN written::jsonb;
  EXCEPTION WHEN data_exception THEN
    RETURN regexp_replace(written::text, E'(?<!\\\\)((?:\\\\\\\\)*)\\\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})', E'\\1\\\\ufffd', 'g')::jsonb;
  END;
END
`,
};

const shorten: CaptureFunction = {
  name: "shorten",
  parameters: "changed jsonb",
  returns: "jsonb",
  options: "LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp",
  source: `
  SELECT jsonb_object_agg(key, CASE WHEN length(value::text) > ${largestValue}
    THEN to_jsonb('[' || length(value::text) || ' characters left out]') ELSE value END) FROM jsonb_each(changed)
`,
};

/** The row with redaction's own word in place of masked values, so that what is masked here gets no second mark there. */
const hide: CaptureFunction = {
  name: "hide",
  parameters: "changed jsonb, masked text[]",
  returns: "jsonb",
  options: pure,
  source: `
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY masked LOOP
    IF changed -> name <> 'null' THEN changed := changed || jsonb_build_object(name, '[masked]'); END IF;
  END LOOP;
  RETURN changed;
END
`,
};

const hidden: CaptureFunction = {
  name: "hidden",
  parameters: "before jsonb, after jsonb, masked text[]",
  returns: "text[]",
  options: pure,
  source: `
DECLARE
  name text;
  differing text[];
BEGIN
  FOREACH name IN ARRAY masked LOOP
    IF before -> name IS DISTINCT FROM after -> name THEN differing := differing || name; END IF;
  END LOOP;
  RETURN differing;
END
`,
};

const columns = "(table_name, change, before, after, hidden, context, role, xact, at)";
const context =
  "CASE WHEN current_setting('auditrail.context', true) <> '' THEN auditrail_capture.context_number() END";
const roleAndTime = "session_user, pg_current_xact_id(), clock_timestamp()";
/** Asked for as a subquery, the context is kept once, and only where there is a change. */
const whose = `(SELECT ${context}), ${roleAndTime}`;

const asDocument = (json: string): string => `auditrail_capture.document(${json})`;

const sized = (row: string): string =>
  `CASE WHEN pg_column_size(${row}) > ${largestValue} THEN auditrail_capture.shorten(${asDocument(row)})::json ELSE ${row} END`;

/**
 * Of a trigger: the table's name, the most rows to tell, the columns that were there, those of them that are masked; the last,
 * {@link shapeOf} them, is not asked for here. They are read once: in a query, an argument would be turned into an array again for
 * every row.
 */
const declarations = `
DECLARE
  most bigint := TG_ARGV[1];
  known name[] := TG_ARGV[2];
  masked text[] := TG_ARGV[3];
  told bigint;
  total bigint;`;

/** Tables may have columns of any name, which must not be taken for ours. */
const oursFirst = "\n#variable_conflict use_variable";

/** The columns that came after the triggers, as a table of one row. */
const strangeColumns = `(SELECT coalesce(array_agg(attname::text), '{}') AS strange FROM pg_attribute
    WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (known))`;

/** `count` puts into `total` how many rows there were to tell. */
const countRest = (change: string, count: string): string => `
  GET DIAGNOSTICS told = ROW_COUNT;
  IF told >= most THEN
    ${count};
    INSERT INTO auditrail_capture.change ${columns}
    SELECT TG_ARGV[0], 'bulk', NULL, json_build_object('of', '${change}', 'rows', total, 'told', told), NULL, ${whose}
    WHERE total > told;
  END IF;`;

const isMasked = (kind: Kind): boolean => kind === "masked";
type Kind = "plain" | "masked";

/** A row of a table, by a name that no column of it has: a column would be taken for the row. */
const whole = "auditrail_row";

/** A row of known columns as JSON. Made as text at once it costs half. */
const knownRow = (row: string, kind: Kind, masked: string): string =>
  isMasked(kind)
    ? `auditrail_capture.hide(${asDocument(`row_to_json(${row})`)}, ${masked})::json`
    : `row_to_json(${row})`;

/** A row as JSON, without columns that nobody has decided about. */
const rowOf = (row: string, kind: Kind, masked = "masked"): string => {
  const decided = `${asDocument(`row_to_json(${row})`)} - s.strange`;
  if (isMasked(kind)) return `auditrail_capture.hide(${decided}, ${masked})::json`;
  return `CASE WHEN s.strange = '{}' THEN ${knownRow(row, kind, masked)} ELSE (${decided})::json END`;
};

const hiddenOf = (kind: Kind, masked: string): string =>
  isMasked(kind)
    ? `auditrail_capture.hidden(${asDocument("row_to_json(o.r)")}, ${asDocument("row_to_json(n.r)")}, ${masked})`
    : "NULL::text[]";

const nameOf = (operation: string, kind: Kind): string => `tell_${operation}${isMasked(kind) ? "_masked" : ""}`;

type Operation = "insert" | "update" | "delete";

/**
 * A statement's second row where there is none: the names of the columns, each without a value. A statement whose second row looks
 * like this wrote one row, of the columns that are known and of no others: both are asked at once, for less than a look at the
 * catalogue costs. Postgres makes a kept plan anew when the table is altered, and with it these names.
 */
export function shapeOf(columnNames: readonly string[]): string {
  return `{${["second", ...columnNames].map((name) => `${JSON.stringify(name)}:null`).join(",")}}`;
}

/**
 * Most statements write one row of known columns: it is told here, in as few and as small steps as there can be, and a statement
 * that wrote nothing ends here. All else goes on to `others`. Only the first row is looked at, because a query of all rows would be
 * planned for two and kept: it would take hours for a hundred thousand.
 */
function tell(operation: Operation, kind: Kind, others: string): CaptureFunction {
  const masked = "TG_ARGV[3]::text[]";
  const isUpdate = operation === "update";
  const [before, after] = [operation !== "insert", operation !== "delete"];
  const first = (table: string): string => `(SELECT ${whole} AS r FROM ${table} ${whole})`;
  const rows = [...(before ? [`${first("old_rows")} o`] : []), ...(after ? [`${first("new_rows")} n`] : [])];
  return {
    name: nameOf(operation, kind),
    returns: "trigger",
    source: `${oursFirst}
DECLARE
  one_before json;
  one_after json;
  one_hidden text[];
  differs boolean;
  shape text;
BEGIN
  SELECT ${before ? knownRow("o.r", kind, masked) : "NULL::json"}, ${after ? knownRow("n.r", kind, masked) : "NULL::json"},
    ${isUpdate ? hiddenOf(kind, masked) : "NULL::text[]"}, ${isUpdate ? "o.r *<> n.r" : "true"}, row_to_json(${whole})
  INTO one_before, one_after, one_hidden, differs, shape
  FROM ${rows.join(", ")} LEFT JOIN (SELECT true AS second, x.* FROM ${after ? "new_rows" : "old_rows"} x OFFSET 1 LIMIT 1) x ON true,
    LATERAL (SELECT x.*) ${whole} LIMIT 1;
  IF differs AND shape = TG_ARGV[4] AND greatest(pg_column_size(one_before), pg_column_size(one_after)) <= ${largestValue} THEN
    INSERT INTO auditrail_capture.change ${columns}
    VALUES (TG_ARGV[0], '${operation}', one_before, one_after, one_hidden, ${context}, ${roleAndTime});
    RETURN NULL;
  END IF;
  IF NOT FOUND OR (NOT differs AND shape = TG_ARGV[4]) THEN RETURN NULL; END IF;${others}
END
`,
  };
}

/** Insert and delete: as many rows as there are, up to the most. */
function oneSided(operation: "insert" | "delete", kind: Kind): CaptureFunction {
  const table = operation === "insert" ? "new_rows" : "old_rows";
  const sides = operation === "insert" ? `NULL, ${sized("c.row")}` : `${sized("c.row")}, NULL`;
  return tell(
    operation,
    kind,
    `${declarations}
BEGIN
  INSERT INTO auditrail_capture.change ${columns}
  SELECT TG_ARGV[0], '${operation}', ${sides}, NULL, ${whose}
  FROM (SELECT ${rowOf(whole, kind)} AS row FROM ${strangeColumns} s, ${table} ${whole} LIMIT most) c;${countRest(operation, `total := (SELECT count(*) FROM ${table})`)}
  RETURN NULL;
END;`,
  );
}

/**
 * Old and new rows of a statement stand in the same order, so that they are paired by their number: also where a key was
 * changed, or there is none. Rows that are the same byte for byte were not changed. The statement is planned each time, knowing
 * how many there are.
 */
function update(kind: Kind): CaptureFunction {
  const numbered = (table: string): string =>
    `(SELECT ${whole} AS r, row_number() OVER () AS place FROM ${table} ${whole})`;
  const paired = `${numbered("old_rows")} o JOIN ${numbered("new_rows")} n USING (place)`;
  return tell(
    "update",
    kind,
    `${declarations}
BEGIN
  EXECUTE $sql$
  INSERT INTO auditrail_capture.change ${columns}
  SELECT $4, 'update', ${sized("c.before")}, ${sized("c.after")}, c.hidden, ${whose}
  FROM (SELECT ${rowOf("o.r", kind, "$2")} AS before, ${rowOf("n.r", kind, "$2")} AS after, ${hiddenOf(kind, "$2")} AS hidden
    FROM (SELECT $1 AS strange) s, ${paired} WHERE o.r *<> n.r LIMIT $3) c$sql$
  USING ${strangeColumns}, masked, most, TG_ARGV[0];${countRest("update", `EXECUTE $sql$SELECT count(*) FROM ${paired} WHERE o.r *<> n.r$sql$ INTO total`)}
  RETURN NULL;
END;`,
  );
}

/** Before the rows are gone. Partitions are emptied, and told, one by one. */
function truncate(kind: Kind): CaptureFunction {
  return {
    name: nameOf("truncate", kind),
    returns: "trigger",
    source: `${oursFirst}${declarations}
BEGIN
  EXECUTE 'SELECT count(*) FROM ONLY ' || TG_RELID::regclass INTO total;
  INSERT INTO auditrail_capture.change ${columns}
  SELECT TG_ARGV[0], 'truncate', NULL, json_build_object('rows', total, 'told', least(total, most)), NULL, ${whose};
  EXECUTE $sql$INSERT INTO auditrail_capture.change ${columns}
    SELECT $4, 'delete', ${sized("c.row")}, NULL, NULL, ${whose}
    FROM (SELECT ${rowOf(whole, kind, "$2")} AS row FROM (SELECT $1 AS strange) s, ONLY $sql$ || TG_RELID::regclass || ' ${whole} LIMIT $3) c'
  USING ${strangeColumns}, masked, most, TG_ARGV[0];
  RETURN NULL;
END
`,
  };
}

/** What keeps captured changes from being altered, or taken away before the trail has them: a slip fails loudly. */
const guard: CaptureFunction = {
  name: "guard",
  returns: "trigger",
  source: `
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('auditrail.draining', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION USING ERRCODE = 'AUD01', MESSAGE = 'auditrail: captured changes are never changed, and deleted once they are in the trail';
END
`,
};

/** The only ways to delete: what the trail has, and contexts that no change is left of. */
const forgetChanges: CaptureFunction = {
  name: "forget_changes",
  parameters: "numbers text, OUT changes bigint, OUT without_context bigint",
  returns: "record",
  source: `
BEGIN
  PERFORM set_config('auditrail.draining', 'on', true);
  WITH gone AS (
    DELETE FROM auditrail_capture.change WHERE number IN (SELECT value::bigint FROM json_array_elements_text(numbers::json)) RETURNING context)
  SELECT count(*), count(*) - count(context) FROM gone INTO changes, without_context;
  PERFORM set_config('auditrail.draining', '', true);
  IF without_context > 0 THEN
    UPDATE auditrail_capture.state s SET without_context = s.without_context + forget_changes.without_context;
  END IF;
END
`,
};

const forgetContexts: CaptureFunction = {
  name: "forget_contexts",
  returns: "void",
  source: `
BEGIN
  PERFORM set_config('auditrail.draining', 'on', true);
  DELETE FROM auditrail_capture.context c WHERE NOT EXISTS (SELECT 1 FROM auditrail_capture.change x WHERE x.context = c.number);
  PERFORM set_config('auditrail.draining', '', true);
END
`,
};

export const captureFunctions: readonly CaptureFunction[] = [
  ...[contextNumber, document, shorten, hide, hidden, guard, forgetChanges, forgetContexts],
  ...(["plain", "masked"] as const).flatMap((kind) => [
    oneSided("insert", kind),
    update(kind),
    oneSided("delete", kind),
    truncate(kind),
  ]),
];

export function functionSql({ name, parameters = "", returns, options = definer, source }: CaptureFunction): string {
  return `CREATE OR REPLACE FUNCTION auditrail_capture.${name}(${parameters}) RETURNS ${returns} ${options} AS $function$${source}$function$;\n`;
}
