/** Whether an erasure removes the entry with that key whole. */
const isPruned = (key: string): string =>
  `EXISTS (SELECT 1 FROM $schema.erasure x WHERE x.trail = ${key} >> 32 AND x.until > ${key} AND x.first <= ${key} AND x.part IS NULL AND x.subject IS NULL)`;

/** Whether a legal hold in force covers something of a trail, where `also` is true of the hold or it covers the whole. */
const isHeld = (trail: string, also: string): string =>
  `EXISTS (SELECT 1 FROM $schema.hold h WHERE h.trail = ${trail} AND h.released IS NULL AND (h.subject IS NULL OR ${also}))`;

/** The JSON value of a text that is kept as JSON writes it, without the marks. */
const written = (column: string): string => `$schema.document('"' || ${column} || '"')`;

/** A table that takes new rows, and nothing else. */
const onlyGrows = (table: string, what: string, operations = "UPDATE OR DELETE"): string => `
CREATE TRIGGER ${table}_only_grows BEFORE ${operations} ON $schema.${table} FOR EACH ROW EXECUTE FUNCTION $schema.refuse('${what} are never changed or deleted');`;

const noTruncate = (table: string): string => `
CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON $schema.${table} EXECUTE FUNCTION $schema.refuse('${table} is never truncated');`;

/** A trigger whose condition refuses: \`$$ … $$\` answers true for what may happen. */
const onlyWhere = (name: string, on: string, condition: string, otherwise: string): string => `
CREATE FUNCTION $schema.${name}() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF (${condition}) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'AUD01', MESSAGE = 'auditrail: ${otherwise}';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END
$function$;
CREATE TRIGGER ${name} BEFORE ${on} FOR EACH ROW EXECUTE FUNCTION $schema.${name}();`;

const byErasureOnly = "deleted by erasure only, and not under a legal hold";

/**
 * What the database refuses, whoever asks: changes of what was written, deletes that no entry announces, and rows that do
 * not follow. The owner of the tables can switch triggers off, which a verifier notices; grants (`grants.ts`) see to it
 * that an application is not the owner. `AUD01` is our own SQLSTATE.
 */
export const protectTrail = `
CREATE FUNCTION $schema.refuse() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'AUD01', MESSAGE = 'auditrail: ' || TG_ARGV[0];
END
$function$;

-- An entry's text as jsonb, which has no NUL: it is read as U+FFFF. An even number of backslashes before it are their own.
CREATE FUNCTION $schema.document(entry text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN strpos(entry, '\\u0000') = 0 THEN entry::jsonb
    ELSE regexp_replace(entry, '(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000', '\\1' || chr(65535), 'g')::jsonb END
$$;
${onlyGrows("entry", "entries", "UPDATE")}
${onlyGrows("target", "entries", "UPDATE")}
${onlyGrows("sealed", "sealed parts", "UPDATE")}
${onlyGrows("subject_key", "subject keys", "UPDATE")}
${onlyGrows("inbox", "events", "UPDATE")}
${onlyGrows("refused", "refused events")}
${onlyGrows("tile", "tiles")}
${onlyGrows("checkpoint", "checkpoints")}
${onlyGrows("erasure", "erasures")}
${onlyGrows("erasure_end", "erasures", "DELETE")}
${onlyGrows("hold", "legal holds", "DELETE")}
${onlyGrows("catalogue", "catalogues")}
${onlyGrows("trail", "trails", "DELETE")}
${onlyGrows("meta", "facts about the store", "DELETE")}
${[
  ...[
    "entry",
    "target",
    "sealed",
    "search",
    "tally",
    "subject_key",
    "inbox",
    "refused",
    "tile",
    "checkpoint",
    "erasure",
  ],
  ...["erasure_end", "hold", "catalogue", "trail", "meta", "producer"],
]
  .map(noTruncate)
  .join("")}
${onlyWhere(
  "entry_delete",
  "DELETE ON $schema.entry",
  `${isPruned("OLD.key")} AND NOT ${isHeld("OLD.trail", "h.key = OLD.key")}`,
  `entries are ${byErasureOnly}`,
)}
${onlyWhere("target_delete", "DELETE ON $schema.target", isPruned("OLD.key"), `entries are ${byErasureOnly}`)}
${onlyWhere(
  "sealed_delete",
  "DELETE ON $schema.sealed",
  `(EXISTS (SELECT 1 FROM $schema.erasure x WHERE x.part IS NOT NULL AND x.first = OLD.key AND x.part = OLD.part)
    OR EXISTS (SELECT 1 FROM $schema.erasure x WHERE x.trail = OLD.key >> 32 AND x.subject = OLD.subject AND x.first <= OLD.key AND x.until > OLD.key)
    OR ${isPruned("OLD.key")}) AND NOT ${isHeld("OLD.key >> 32", "h.subject = OLD.subject")}`,
  `sealed parts are ${byErasureOnly}`,
)}
${onlyWhere(
  "subject_key_delete",
  "DELETE ON $schema.subject_key",
  `EXISTS (SELECT 1 FROM $schema.erasure x WHERE x.trail = OLD.trail AND x.subject = OLD.subject)
    AND NOT ${isHeld("OLD.trail", "h.subject = OLD.subject")}`,
  `subject keys are ${byErasureOnly}`,
)}
${onlyWhere(
  "inbox_delete",
  "DELETE ON $schema.inbox",
  "current_setting('auditrail.sequencing', true) = 'on'",
  "events leave the inbox only by getting their position",
)}
${onlyWhere(
  "erasure_insert",
  "INSERT ON $schema.erasure",
  `EXISTS (SELECT 1 FROM $schema.entry e, LATERAL (SELECT e.trail::bigint << 32 AS start, $schema.document(e.entry) -> 'data' AS data) d
    WHERE e.key = NEW.order_key AND NEW.until <= e.key
    AND EXISTS (SELECT 1 FROM $schema.checkpoint c WHERE c.trail = NEW.trail AND c.size > (e.key & 4294967295))
    AND CASE e.action
      WHEN 'auditrail.redacted' THEN NEW.subject IS NULL AND NEW.until = NEW.first + 1
        AND d.data -> 'entries' @> jsonb_build_array(jsonb_build_object('seq', NEW.first - d.start, 'parts', jsonb_build_array(NEW.part)))
      WHEN 'auditrail.shredded' THEN NEW.part IS NULL AND ${written("NEW.subject")} = d.data -> 'subject'
        AND NEW.first = d.start AND NEW.until = d.start + (d.data ->> 'to')::bigint
      WHEN 'auditrail.pruned' THEN NEW.part IS NULL AND NEW.subject IS NULL
        AND NEW.first = d.start + (d.data ->> 'from')::bigint AND NEW.until = d.start + (d.data ->> 'to')::bigint
    END)`,
  "no entry in a checkpoint announces this erasure",
)}
${onlyWhere(
  "erasure_end_update",
  "UPDATE ON $schema.erasure_end",
  "NEW.order_key = OLD.order_key AND NEW.removed_at = OLD.removed_at AND NEW.removed_in = OLD.removed_in",
  "erasures are never changed",
)}
${onlyWhere(
  "hold_insert",
  "INSERT ON $schema.hold",
  `NEW.released IS NULL AND EXISTS (SELECT 1 FROM $schema.entry e, LATERAL (SELECT $schema.document(e.entry) -> 'data' AS data) d
    WHERE e.key = NEW.key AND e.action = 'auditrail.held' AND d.data -> 'hold' = ${written("NEW.name")}
    AND CASE WHEN NEW.subject IS NULL THEN coalesce(jsonb_typeof(d.data -> 'subject'), 'null') <> 'string'
      ELSE ${written("NEW.subject")} = d.data -> 'subject' END)`,
  "a legal hold is placed by its entry",
)}
${onlyWhere(
  "hold_update",
  "UPDATE ON $schema.hold",
  `OLD.released IS NULL AND NEW.key = OLD.key AND NEW.name = OLD.name AND NEW.subject IS NOT DISTINCT FROM OLD.subject
    AND EXISTS (SELECT 1 FROM $schema.entry e WHERE e.key = NEW.released AND e.trail = OLD.trail AND e.key > OLD.key
      AND e.action = 'auditrail.hold-released' AND $schema.document(e.entry) -> 'data' -> 'hold' = ${written("OLD.name")})`,
  "a legal hold is released by an entry",
)}
${onlyWhere("trail_insert", "INSERT ON $schema.trail", "NEW.size = 0", "a trail only grows, with its entries")}
${onlyWhere(
  "trail_update",
  "UPDATE ON $schema.trail",
  `NEW.size >= OLD.size AND NEW.origin = OLD.origin AND NEW.tenant = OLD.tenant AND NEW.number = OLD.number AND NEW.recorded_at >= OLD.recorded_at
    AND (NEW.size > OLD.size OR (NEW.edge = OLD.edge AND NEW.recorded_at = OLD.recorded_at))
    AND (NEW.size = OLD.size OR EXISTS (SELECT 1 FROM $schema.entry e WHERE e.key = (NEW.number::bigint << 32) + NEW.size - 1))`,
  "a trail only grows, with its entries",
)}
${onlyWhere(
  "meta_update",
  "UPDATE ON $schema.meta",
  "NEW.name = OLD.name AND OLD.name = 'schema_version' AND NEW.value::integer >= OLD.value::integer",
  "only the version of the schema changes, upwards",
)}
${onlyWhere(
  "producer_update",
  "UPDATE ON $schema.producer",
  "NEW.id = OLD.id AND NEW.settled >= OLD.settled",
  "what a producer settled only grows",
)}

-- Entries come in at the end of their trail, without a gap. Under the lock on the trail's row this makes positions unique.
CREATE FUNCTION $schema.entries_follow() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT trail, min(key) AS low, max(key) AS high, count(DISTINCT key) AS n, count(*) AS all_of_them FROM added GROUP BY trail) a
    LEFT JOIN $schema.trail t ON t.number = a.trail
    WHERE t.number IS NULL OR a.low <> (t.number::bigint << 32) + t.size OR a.high - a.low + 1 <> a.n OR a.n <> a.all_of_them) THEN
    RAISE EXCEPTION USING ERRCODE = 'AUD01', MESSAGE = 'auditrail: entries are added at the end of their trail only';
  END IF;
  RETURN NULL;
END
$function$;
CREATE TRIGGER entries_follow AFTER INSERT ON $schema.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION $schema.entries_follow();

-- The second wall between tenants: whoever reads for one tenant is shown that tenant's rows alone, whatever the statement says.
-- It is for a role that \`tenant_role\` ties to a tenant, and for a transaction that says for whom it reads. It does not bind the owner.
CREATE FUNCTION $schema.only_tenant(role name) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce((SELECT tenant FROM $schema.tenant_role r WHERE r.role = only_tenant.role), nullif(current_setting('auditrail.tenant', true), ''))
$$;
CREATE FUNCTION $schema.only_trail(role name) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT CASE WHEN $schema.only_tenant(role) IS NOT NULL THEN coalesce((SELECT number FROM $schema.trail WHERE tenant = $schema.only_tenant(role)), -1) END
$$;
${[
  ...[
    ["trail", "number"],
    ["entry", "trail"],
    ["target", "trail"],
    ["sealed", "key >> 32"],
    ["search", "key >> 32"],
  ],
  ...[
    ["tally", "trail"],
    ["tile", "trail"],
    ["checkpoint", "trail"],
    ["erasure", "trail"],
    ["erasure_end", "order_key >> 32"],
  ],
  ...[
    ["hold", "trail"],
    ["subject_key", "trail"],
  ],
]
  .map(
    ([table, trail]) => `
ALTER TABLE $schema.${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY ${table}_of_tenant ON $schema.${table} USING ((SELECT $schema.only_trail(current_user)) IS NULL OR ${trail} = (SELECT $schema.only_trail(current_user)));`,
  )
  .join("")}
${["inbox", "refused"]
  .map(
    (table) => `
ALTER TABLE $schema.${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY ${table}_of_tenant ON $schema.${table} USING ((SELECT $schema.only_tenant(current_user)) IS NULL OR tenant = (SELECT $schema.only_tenant(current_user)));`,
  )
  .join("")}
`;
