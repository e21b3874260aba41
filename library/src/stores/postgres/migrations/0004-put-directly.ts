/**
 * Who may call `put_one` may insert into the inbox as well, what that function inserts and no more: neither the number nor the time
 * of a row, which are the database's. The rows that are read for one tenant are another matter, so the policy of reading is not one of writing.
 *
 * A statement of its own in a function costs a transaction as much time as the insert in it.
 */
export const putDirectly = `
CREATE POLICY inbox_put ON $schema.inbox FOR INSERT WITH CHECK (true);
DO $function$
DECLARE
  given record;
BEGIN
  FOR given IN SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
    FROM pg_proc p, aclexplode(p.proacl) a WHERE p.pronamespace = '$schema'::regnamespace AND p.proname = 'put_one' AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('GRANT INSERT (tenant, event_id, hash, time, log, action, outcome, actor_type, actor_id, operation, targets, words, sealed, entry) ON $schema.inbox TO %s', given.role);
  END LOOP;
END
$function$;
`;
