/**
 * The statement that moves a batch of a trail's inbox, and entries of its own behind it, to the positions that come next:
 * $1 tenant, $2 number of the trail, $3 its size, $4 the time, $5 how many rows, $6 own entries without their
 * texts and $7 these, as `derive-entry.ts` writes them. The transaction has the lock on the trail's row.
 *
 * An id that is an entry already, or comes twice, takes no position. Answers a row for each event: its key, null where
 * it took none; `n`, its index among the own entries, null for one of the inbox; and what comes next with it.
 */
export const placeStatement = `
WITH moved AS (
  DELETE FROM $schema.inbox WHERE tenant = $1::text AND number = ANY (ARRAY(
    SELECT number FROM $schema.inbox WHERE tenant = $1::text ORDER BY number LIMIT $5::integer FOR UPDATE SKIP LOCKED))
  RETURNING *),
given AS (
  SELECT 0 AS behind, number AS place, event_id, hash, time, log, action, NULL AS op, NULL AS severity, outcome, actor_type, actor_id, operation, targets, words, sealed, entry FROM moved
  UNION ALL
  SELECT 1, n, id, decode(hash, 'hex'), time, log, action, op, severity, outcome, actor_type, actor_id, operation, targets, words, sealed, entry
  FROM ROWS FROM (json_to_recordset($6::text::json) AS (n bigint, id uuid, hash text, time bigint, log text, action text, op text, severity text, outcome text,
    actor_type text, actor_id text, operation text, targets jsonb, words text, sealed jsonb), string_to_table($7::text, E'\\n')) AS own
    (n, id, hash, time, log, action, op, severity, outcome, actor_type, actor_id, operation, targets, words, sealed, entry)),
fresh AS (
  SELECT DISTINCT ON (event_id) g.* FROM given g
  WHERE (SELECT count(*) FROM $schema.entry e WHERE e.event_id = g.event_id AND e.trail + 0 = $2::integer) = 0
  ORDER BY event_id, behind, place),
placed AS MATERIALIZED (
  SELECT f.*, ($2::bigint << 32) + $3::bigint + row_number() OVER (ORDER BY behind, place) - 1 AS key FROM fresh f),
entries AS (
  INSERT INTO $schema.entry (key, trail, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry)
  SELECT key, $2::integer, event_id, $4::bigint, hash, time, log, action, outcome, actor_type, actor_id, operation, entry FROM placed ORDER BY key),
targets AS (
  INSERT INTO $schema.target (trail, id, type, time, key, place)
  SELECT $2::integer, t.id, t.type, p.time, p.key, t.place
  FROM placed p CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(p.targets) AS (type text, id text)) WITH ORDINALITY AS t (type, id, place)),
parts AS (
  INSERT INTO $schema.sealed (key, part, subject, salt, bytes)
  SELECT p.key, s.part, s.subject, decode(s.salt, 'hex'), decode(s.bytes, 'hex')
  FROM placed p CROSS JOIN LATERAL jsonb_to_recordset(p.sealed) AS s (part integer, subject text, salt text, bytes text)),
texts AS (INSERT INTO $schema.search (key, words, time) SELECT key, words, time FROM placed ORDER BY key),
counted AS MATERIALIZED (
  SELECT p.log, (p.time - ((p.time % 3600000000) + 3600000000) % 3600000000) / 3600000000 AS hour, p.action,
    coalesce(p.op, said ->> 'op', '') AS op, coalesce(p.severity, said ->> 'severity', '') AS severity, p.outcome, count(*) AS n
  FROM placed p CROSS JOIN LATERAL (SELECT CASE WHEN p.op IS NULL THEN $schema.document(p.entry) END AS said OFFSET 0) d GROUP BY 1, 2, 3, 4, 5, 6),
counts AS (
  INSERT INTO $schema.tally AS t (trail, log, hour, action, op, severity, outcome, entries)
  SELECT $2::integer, log, hour, action, op, severity, outcome, n FROM counted
  ON CONFLICT (trail, log, hour, action, op, severity, outcome) DO UPDATE SET entries = t.entries + excluded.entries),
counts_of_logs AS (
  INSERT INTO $schema.tally_log AS t (trail, log, hour, op, outcome, entries)
  SELECT $2::integer, log, hour, op, outcome, sum(n) FROM counted GROUP BY 2, 3, 4, 5
  ON CONFLICT (trail, log, hour, op, outcome) DO UPDATE SET entries = t.entries + excluded.entries)
SELECT p.key, CASE WHEN g.behind = 1 THEN g.place END AS n, g.hash, CASE WHEN p.key IS NULL OR g.log = 'auditrail' THEN g.entry END AS entry,
  CASE WHEN p.key IS NULL THEN g.sealed::text END AS sealed, CASE WHEN p.key IS NULL THEN g.event_id::text END AS id
FROM given g LEFT JOIN placed p USING (behind, place) ORDER BY p.key`;
