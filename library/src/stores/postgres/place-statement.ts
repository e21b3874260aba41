/**
 * The statement that moves a batch of a trail's inbox to the positions that come next: $1 tenant, $2 number of the trail, $3 its
 * size, $4 the time, $5 how many rows. The transaction has the lock on the trail's row.
 *
 * An id that is an entry already takes no position. Answers a row for each event: its key, null where it took none, and what comes
 * next with it.
 */
export const placeStatement = `
WITH moved AS (
  DELETE FROM $schema.inbox WHERE tenant = $1::text AND number = ANY (ARRAY(
    SELECT number FROM $schema.inbox WHERE tenant = $1::text ORDER BY number LIMIT $5::integer FOR UPDATE SKIP LOCKED))
  RETURNING *),
placed AS MATERIALIZED (
  SELECT m.*, row_number() OVER (ORDER BY number) AS n FROM moved m
  WHERE (SELECT count(*) FROM $schema.entry e WHERE e.event_id = m.event_id AND e.trail + 0 = $2::integer) = 0),
columns AS (
  SELECT array_agg(event_id) AS ids, array_agg(hash) AS hashes, array_agg(time) AS times, array_agg(log) AS logs, array_agg(action) AS actions,
    array_agg(coalesce(said ->> 'op', '')) AS ops, array_agg(coalesce(said ->> 'severity', '')) AS severities, array_agg(outcome) AS outcomes,
    array_agg(actor_type) AS actor_types, array_agg(actor_id) AS actor_ids, array_agg(operation) AS operations, array_agg(words) AS all_words, string_agg(entry, E'\\n') AS texts
  FROM (SELECT p.*, $schema.document(p.entry) AS said FROM placed p ORDER BY n) p),
targets AS (
  SELECT array_agg(p.n::integer) AS target_of, array_agg(t.type) AS target_types, array_agg(t.id) AS target_ids, array_agg(t.place::integer) AS target_places
  FROM placed p CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(p.targets) AS (type text, id text)) WITH ORDINALITY AS t (type, id, place)),
parts AS (
  SELECT array_agg(p.n::integer) AS part_of, array_agg(s.part) AS part_numbers, array_agg(s.subject) AS part_subjects,
    array_agg(decode(s.salt, 'hex')) AS part_salts, array_agg(decode(s.bytes, 'hex')) AS part_bytes
  FROM placed p CROSS JOIN LATERAL jsonb_to_recordset(p.sealed) AS s (part integer, subject text, salt text, bytes text)),
added AS (
  SELECT $schema.add_entries($2::integer, ($2::bigint << 32) + $3::bigint, $4::bigint, ids, hashes, times, logs, actions, ops, severities, outcomes, actor_types,
    actor_ids, operations, all_words, texts, target_of, target_types, target_ids, target_places, part_of, part_numbers, part_subjects, part_salts, part_bytes)
  FROM columns, targets, parts WHERE ids IS NOT NULL)
SELECT ($2::bigint << 32) + $3::bigint + p.n - 1 AS key, m.hash, CASE WHEN p.n IS NULL OR m.log = 'auditrail' THEN m.entry END AS entry,
  CASE WHEN p.n IS NULL THEN m.sealed::text END AS sealed, CASE WHEN p.n IS NULL THEN m.event_id::text END AS id
FROM moved m LEFT JOIN placed p USING (number), (SELECT count(*) FROM added) done ORDER BY p.n`;
