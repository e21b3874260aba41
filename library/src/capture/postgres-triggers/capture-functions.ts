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
  options: "LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp",
  source: `
  SELECT changed || coalesce((SELECT jsonb_object_agg(name, CASE WHEN changed -> name = 'null' THEN 'null'::jsonb ELSE '"[masked]"' END)
    FROM unnest(masked) name WHERE changed ? name), '{}')
`,
};

const hidden: CaptureFunction = {
  name: "hidden",
  parameters: "before jsonb, after jsonb, masked text[]",
  returns: "text[]",
  options: "LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp",
  source: `
  SELECT array_agg(name) FROM unnest(masked) name WHERE before -> name IS DISTINCT FROM after -> name
`,
};

const columns = "(table_name, change, before, after, hidden, context, role, xact, at)";
/** Asked for as a subquery, the context is kept only where there is a change. */
const whose = `(SELECT CASE WHEN current_setting('auditrail.context', true) <> '' THEN auditrail_capture.context_number() END),
      session_user, pg_current_xact_id(), clock_timestamp()`;

const sized = (row: string): string =>
  `CASE WHEN pg_column_size(${row}) > ${largestValue} THEN auditrail_capture.shorten(${row}::jsonb)::json ELSE ${row} END`;

/**
 * Of a trigger: the table's name, the most rows to tell, the columns that were there, those of them that are masked. They are read
 * once: in a query, an argument would be turned into an array again for every row. Tables may have columns of any name, which must
 * not be taken for ours.
 */
const declarations = `
#variable_conflict use_variable
DECLARE
  most bigint := TG_ARGV[1];
  known name[] := TG_ARGV[2];
  masked text[] := TG_ARGV[3];
  told bigint;
  total bigint;`;

/** The columns that came after the triggers. */
const strangeAttributes =
  "pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (known)";

/** As a table of one row. */
const strangeColumns = `(SELECT coalesce(array_agg(attname::text), '{}') AS strange FROM ${strangeAttributes})`;

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

/** A row as JSON, without columns that nobody has decided about. Made as text at once it costs half. */
const rowOf = (row: string, kind: Kind, masked = "masked"): string => {
  const decided = `to_jsonb(${row}) - s.strange`;
  if (isMasked(kind)) return `auditrail_capture.hide(${decided}, ${masked})::json`;
  return `CASE WHEN s.strange = '{}' THEN row_to_json(${row}) ELSE (${decided})::json END`;
};

const nameOf = (operation: string, kind: Kind): string => `tell_${operation}${isMasked(kind) ? "_masked" : ""}`;

/** Insert and delete: as many rows as there are, up to the most. */
function oneSided(operation: "insert" | "delete", kind: Kind): CaptureFunction {
  const table = operation === "insert" ? "new_rows" : "old_rows";
  const sides = operation === "insert" ? `NULL, ${sized("c.row")}` : `${sized("c.row")}, NULL`;
  return {
    name: nameOf(operation, kind),
    returns: "trigger",
    source: `${declarations}
BEGIN
  INSERT INTO auditrail_capture.change ${columns}
  SELECT TG_ARGV[0], '${operation}', ${sides}, NULL, ${whose}
  FROM (SELECT ${rowOf(whole, kind)} AS row FROM ${strangeColumns} s, ${table} ${whole} LIMIT most) c;${countRest(operation, `total := (SELECT count(*) FROM ${table})`)}
  RETURN NULL;
END
`,
  };
}

/**
 * Old and new rows of a statement stand in the same order, so that they are paired by their number: also where a key was
 * changed, or there is none. Rows that are the same byte for byte were not changed.
 *
 * One row of known columns is told by a statement whose plan is kept, and which is short, because most statements write one row.
 * Others are told by one that is planned each time, knowing how many there are: a kept plan that was made for two rows would
 * take hours for a hundred thousand.
 */
function update(kind: Kind): CaptureFunction {
  const tell = (table: string, from: string, masked: string, most: string): string => `
  INSERT INTO auditrail_capture.change ${columns}
  SELECT ${table}, 'update', ${sized("c.before")}, ${sized("c.after")}, ${isMasked(kind) ? "c.hidden" : "NULL"}, ${whose}
  FROM (SELECT ${rowOf("o.r", kind, masked)} AS before, ${rowOf("n.r", kind, masked)} AS after${
    isMasked(kind) ? `, auditrail_capture.hidden(to_jsonb(o.r), to_jsonb(n.r), ${masked}) AS hidden` : ""
  } FROM ${from} LIMIT ${most}) c`;
  const isSimple = `NOT EXISTS (SELECT FROM new_rows OFFSET 1) AND NOT EXISTS (SELECT FROM ${strangeAttributes})`;
  const one = `(SELECT '{}'::text[] AS strange) s, (SELECT ${whole} AS r FROM old_rows ${whole}) o, (SELECT ${whole} AS r FROM new_rows ${whole}) n
    WHERE o.r *<> n.r AND ${isSimple}`;
  const numbered = (table: string): string =>
    `(SELECT ${whole} AS r, row_number() OVER () AS place FROM ${table} ${whole})`;
  const paired = `${numbered("old_rows")} o JOIN ${numbered("new_rows")} n USING (place)`;
  const many = `(SELECT $1 AS strange) s, ${paired} WHERE o.r *<> n.r`;
  return {
    name: nameOf("update", kind),
    returns: "trigger",
    source: `${declarations}
BEGIN${tell("TG_ARGV[0]", one, "masked", "most")};
  GET DIAGNOSTICS told = ROW_COUNT;
  IF told = 1 OR (${isSimple}) THEN RETURN NULL; END IF;
  EXECUTE $sql$${tell("$4", many, "$2", "$3")}$sql$
  USING ${strangeColumns}, masked, most, TG_ARGV[0];${countRest("update", `EXECUTE $sql$SELECT count(*) FROM ${paired} WHERE o.r *<> n.r$sql$ INTO total`)}
  RETURN NULL;
END
`,
  };
}

/** Before the rows are gone. Partitions are emptied, and told, one by one. */
function truncate(kind: Kind): CaptureFunction {
  return {
    name: nameOf("truncate", kind),
    returns: "trigger",
    source: `${declarations}
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
  ...[contextNumber, shorten, hide, hidden, guard, forgetChanges, forgetContexts],
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
