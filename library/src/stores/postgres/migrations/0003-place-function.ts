/**
 * Giving positions inside the database: functions, so that the plans of what runs for every batch are kept, and a batch costs its
 * transaction one round trip. They have no rights of their own.
 *
 * Entries come as arrays, one for each column, of the same length and in the order of their positions; texts of entries are JSON,
 * which has no line breaks, and stand in lines. Of targets and sealed parts `target_of` and `part_of` say which entry they belong
 * to, counted from 1.
 *
 * - `add_entries` is the only code that writes entries, with everything that is derived of them.
 * - `grow` moves the trail on: `tiles` are those that are full now, lower levels first, with their roots; the hashes in them
 *   are those of the entries, or the roots of the tiles below, that are there by then.
 * - `place` does both for entries that go straight to their positions, which the caller has worked out the grown tree for. `state` says
 *   whether it did (`placed`), or why not: the trail is not there (`missing`), another transaction has it (`taken`), events wait for
 *   their positions before these (`waiting`), the tree is not the one that the caller thinks (`moved`), or one of the ids is an entry
 *   (`known`). But for the first two the transaction then has the lock on the trail's row, and the tree's edge is answered. Its settings are those of `lockTrail` (`place-entries.ts`), for the same reasons.
 */
export const placeFunctions = `
CREATE FUNCTION $schema.add_entries(trail_number integer, first_key bigint, at_time bigint, ids uuid[], hashes bytea[], times bigint[], logs text[],
  actions text[], ops text[], severities text[], outcomes text[], actor_types text[], actor_ids text[], operations text[], all_words text[], texts text,
  target_of integer[], target_types text[], target_ids text[], target_places integer[],
  part_of integer[], part_numbers integer[], part_subjects text[], part_salts bytea[], part_bytes bytea[])
RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
  WITH placed AS MATERIALIZED (
    SELECT first_key + g.n - 1 AS key, g.* FROM ROWS FROM (unnest(ids, hashes, times, logs, actions, ops, severities, outcomes, actor_types, actor_ids,
      operations, all_words), string_to_table(texts, E'\\n')) WITH ORDINALITY
      AS g (event_id, hash, time, log, action, op, severity, outcome, actor_type, actor_id, operation, words, entry, n)),
  entries AS (
    INSERT INTO $schema.entry (key, trail, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry)
    SELECT p.key, trail_number, p.event_id, at_time, p.hash, p.time, p.log, p.action, p.outcome, p.actor_type, p.actor_id, p.operation, p.entry FROM placed p),
  targets AS (
    INSERT INTO $schema.target (trail, id, type, time, key, place)
    SELECT trail_number, t.id, t.type, times[t.n], first_key + t.n - 1, t.place FROM unnest(target_of, target_types, target_ids, target_places) AS t (n, type, id, place)),
  parts AS (
    INSERT INTO $schema.sealed (key, part, subject, salt, bytes)
    SELECT first_key + s.n - 1, s.part, s.subject, s.salt, s.bytes FROM unnest(part_of, part_numbers, part_subjects, part_salts, part_bytes) AS s (n, part, subject, salt, bytes)),
  found_by AS (INSERT INTO $schema.search (key, words, time) SELECT p.key, p.words, p.time FROM placed p),
  counted AS MATERIALIZED (
    SELECT p.log, (p.time - ((p.time % 3600000000) + 3600000000) % 3600000000) / 3600000000 AS hour, p.action, p.op, p.severity, p.outcome, count(*) AS n
    FROM placed p GROUP BY 1, 2, 3, 4, 5, 6),
  counts AS (
    INSERT INTO $schema.tally AS t (trail, log, hour, action, op, severity, outcome, entries)
    SELECT trail_number, c.log, c.hour, c.action, c.op, c.severity, c.outcome, c.n FROM counted c
    ON CONFLICT (trail, log, hour, action, op, severity, outcome) DO UPDATE SET entries = t.entries + excluded.entries)
  INSERT INTO $schema.tally_log AS t (trail, log, hour, op, outcome, entries)
  SELECT trail_number, c.log, c.hour, c.op, c.outcome, sum(c.n) FROM counted c GROUP BY 2, 3, 4, 5
  ON CONFLICT (trail, log, hour, op, outcome) DO UPDATE SET entries = t.entries + excluded.entries;
END
$function$;

CREATE FUNCTION $schema.grow(trail_number integer, tiles text, grown_size bigint, grown_edge bytea, at_time bigint)
RETURNS void LANGUAGE plpgsql AS $function$
DECLARE
  first_key bigint := trail_number::bigint << 32;
  tile record;
BEGIN
  FOR tile IN SELECT * FROM json_to_recordset(tiles::json) AS t (level smallint, number bigint, root text) LOOP
    INSERT INTO $schema.tile (trail, level, number, root, hashes)
    SELECT trail_number, tile.level, tile.number, decode(tile.root, 'hex'), CASE tile.level
      WHEN 0 THEN (SELECT string_agg(e.hash, '' ORDER BY e.key) FROM $schema.entry e WHERE e.key >= first_key + tile.number * 256 AND e.key < first_key + (tile.number + 1) * 256)
      ELSE (SELECT string_agg(b.root, '' ORDER BY b.number) FROM $schema.tile b
        WHERE b.trail = trail_number AND b.level = tile.level - 1 AND b.number >= tile.number * 256 AND b.number < (tile.number + 1) * 256) END;
  END LOOP;
  UPDATE $schema.trail SET size = grown_size, edge = grown_edge, recorded_at = at_time WHERE number = trail_number;
END
$function$;

CREATE FUNCTION $schema.place(for_tenant text, at_edge bytea, clock bigint, grown_edge bytea, tiles text, ids uuid[], hashes bytea[], times bigint[], logs text[],
  actions text[], ops text[], severities text[], outcomes text[], actor_types text[], actor_ids text[], operations text[], all_words text[], texts text,
  target_of integer[], target_types text[], target_ids text[], target_places integer[],
  part_of integer[], part_numbers integer[], part_subjects text[], part_salts bytea[], part_bytes bytea[])
RETURNS TABLE (state text, trail_number integer, trail_edge bytea, at_time bigint) LANGUAGE plpgsql AS $function$
DECLARE
  trail_size bigint;
BEGIN
  PERFORM set_config('idle_in_transaction_session_timeout', '5s', true), set_config('jit', 'off', true);
  SELECT t.number, t.size, t.edge, greatest(t.recorded_at, coalesce(clock, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))
    INTO trail_number, trail_size, trail_edge, at_time FROM $schema.trail t WHERE t.tenant = for_tenant FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    state := CASE WHEN EXISTS (SELECT FROM $schema.trail t WHERE t.tenant = for_tenant) THEN 'taken' ELSE 'missing' END;
  ELSIF EXISTS (SELECT FROM $schema.inbox i WHERE i.tenant = for_tenant) THEN
    state := 'waiting';
  ELSIF trail_edge <> at_edge THEN
    state := 'moved';
  ELSIF EXISTS (SELECT FROM unnest(ids) AS a (id) WHERE (SELECT count(*) FROM $schema.entry e WHERE e.event_id = a.id AND e.trail + 0 = trail_number) > 0) THEN
    state := 'known';
  ELSE
    PERFORM $schema.add_entries(trail_number, (trail_number::bigint << 32) + trail_size, at_time, ids, hashes, times, logs, actions, ops, severities, outcomes,
      actor_types, actor_ids, operations, all_words, texts, target_of, target_types, target_ids, target_places, part_of, part_numbers, part_subjects, part_salts, part_bytes);
    PERFORM $schema.grow(trail_number, tiles, trail_size + cardinality(ids), grown_edge, at_time);
    state := 'placed';
  END IF;
  RETURN NEXT;
END
$function$;
`;
