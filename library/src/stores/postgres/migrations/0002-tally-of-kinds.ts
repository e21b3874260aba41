/**
 * - `tally` knows `op` and `severity` as well: a console asks for everything but reads, which hours without `op` cannot answer.
 *   Both follow from the action almost always, so there are hardly more rows.
 * - `tally_log` is the same without actions and severities, for charts over a list. Both lie in the order of logs.
 * - `search.time`, so that the newest of many matches are known before an entry is read.
 *
 * `kind_of` answers nothing for a text that is no event any more, which must not keep a store from being opened.
 *
 * An older version of the library can go on putting events into the inbox; giving positions takes the new one. Roles keep their
 * rights, and have on the new table those that they had on `tally`.
 */
export const tallyOfKinds = `
CREATE FUNCTION $schema.kind_of(entry text, OUT op text, OUT severity text) LANGUAGE plpgsql IMMUTABLE AS $function$
DECLARE
  said jsonb := $schema.document(entry);
BEGIN
  op := coalesce(said ->> 'op', '');
  severity := coalesce(said ->> 'severity', '');
EXCEPTION WHEN data_exception THEN
  op := '';
  severity := '';
END
$function$;

ALTER TABLE $schema.tally DROP CONSTRAINT tally_pkey, ADD COLUMN op text COLLATE "C", ADD COLUMN severity text COLLATE "C";
DELETE FROM $schema.tally;
INSERT INTO $schema.tally (trail, log, hour, action, op, severity, outcome, entries)
SELECT trail, log, (time - ((time % 3600000000) + 3600000000) % 3600000000) / 3600000000, action, k.op, k.severity, outcome, count(*)
FROM $schema.entry e, LATERAL $schema.kind_of(e.entry) k GROUP BY 1, 2, 3, 4, 5, 6, 7;
ALTER TABLE $schema.tally ADD PRIMARY KEY (trail, log, hour, action, op, severity, outcome);

CREATE TABLE $schema.tally_log (
  trail   integer NOT NULL,
  log     text COLLATE "C" NOT NULL,
  hour    bigint NOT NULL,
  op      text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (trail, log, hour, op, outcome)
) WITH (fillfactor = 50, parallel_workers = 0);
INSERT INTO $schema.tally_log SELECT trail, log, hour, op, outcome, sum(entries) FROM $schema.tally GROUP BY 1, 2, 3, 4, 5;
CREATE TRIGGER tally_log_no_truncate BEFORE TRUNCATE ON $schema.tally_log EXECUTE FUNCTION $schema.refuse('tally_log is never truncated');
ALTER TABLE $schema.tally_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY tally_log_of_tenant ON $schema.tally_log
  USING ((SELECT $schema.only_trail(current_user)) IS NULL OR trail = (SELECT $schema.only_trail(current_user)));
DO $function$
DECLARE
  given record;
BEGIN
  FOR given IN SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role, a.privilege_type AS may
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = '$schema.tally'::regclass AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('GRANT %s ON $schema.tally_log TO %s', given.may, given.role);
  END LOOP;
END
$function$;

-- The table is written anew in one pass, and its indexes are built of it; updating row by row would take many times as long.
CREATE FUNCTION $schema.time_of(wanted bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $function$
BEGIN
  RETURN coalesce((SELECT e.time FROM $schema.entry e WHERE e.key = wanted), 0);
END
$function$;
ALTER TABLE $schema.search ADD COLUMN time bigint;
ALTER TABLE $schema.search ALTER COLUMN time TYPE bigint USING $schema.time_of(key), ALTER COLUMN time SET NOT NULL;
DROP FUNCTION $schema.time_of(bigint);
`;
