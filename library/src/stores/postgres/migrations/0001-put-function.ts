/**
 * Putting events into the inbox, in the transaction of whoever calls: one statement, so that an event costs its
 * transaction one round trip; functions, so that their plans are kept, and so that a writer reads no table.
 *
 * They look at nothing that another writer changes: only the uniqueness of the id can make one wait, for another transaction
 * that has put the same event.
 *
 * `put` answers `origin`, what the store is, and `added`, the tenants and ids that were new. Where it is another store than the
 * caller thinks nothing is added. What is known is not new: it is an entry, or in the inbox.
 *
 * `put_one` is for the one event of a business transaction, whose time it is part of: each column is a value of its own, which
 * costs less than JSON, and the id is one that was made just now, so that nobody can know it. Looking for it among entries would take
 * a lock on every partition, and `ON CONFLICT` nearly doubles the time of an insert. Answers false for another store.
 */
export const putFunction = `
CREATE FUNCTION $schema.put(entries text, store_origin text)
RETURNS TABLE (origin text, added text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
BEGIN
  SELECT value INTO origin FROM $schema.meta WHERE name = 'origin';
  added := '[]';
  IF origin IS DISTINCT FROM store_origin THEN
    RETURN NEXT;
    RETURN;
  END IF;
  WITH new AS (
    INSERT INTO $schema.inbox (tenant, event_id, hash, time, log, action, outcome, actor_type, actor_id, operation, targets, words, sealed, entry)
    SELECT g.tenant, g.id, decode(g.hash, 'hex'), g.time, g.log, g.action, g.outcome, g.actor_type, g.actor_id, g.operation, g.targets, g.words, g.sealed, g.entry
    FROM json_to_recordset(entries::json) AS g (n integer, tenant text, id uuid, hash text, time bigint, log text, action text,
      outcome text, actor_type text, actor_id text, operation text, targets jsonb, words text, sealed jsonb, entry text)
    WHERE (SELECT count(*) FROM $schema.entry e WHERE e.event_id = g.id AND e.trail + 0 = (SELECT t.number FROM $schema.trail t WHERE t.tenant = g.tenant)) = 0
    ORDER BY g.n
    ON CONFLICT (tenant, event_id) DO NOTHING
    RETURNING inbox.tenant, inbox.event_id)
  SELECT coalesce(json_agg(json_build_array(new.tenant, new.event_id)), '[]')::text INTO added FROM new;
  RETURN NEXT;
END
$function$;

CREATE FUNCTION $schema.put_one(store_origin text, tenant text, event_id uuid, hash text, "time" bigint, log text, action text,
  outcome text, actor_type text, actor_id text, operation text, targets jsonb, words text, sealed jsonb, entry text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
BEGIN
  INSERT INTO $schema.inbox (tenant, event_id, hash, time, log, action, outcome, actor_type, actor_id, operation, targets, words, sealed, entry)
  SELECT tenant, event_id, decode(hash, 'hex'), "time", log, action, outcome, actor_type, actor_id, operation, targets, words, sealed, entry
  WHERE EXISTS (SELECT FROM $schema.meta m WHERE m.name = 'origin' AND m.value = store_origin);
  RETURN FOUND;
END
$function$;`;
