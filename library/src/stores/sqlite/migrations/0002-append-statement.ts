const key = "((new.trail << 32) + new.seq)";

/** A level's tiles are made of what stands below it, so the levels follow one another. */
const tilesOf = (level: number, hashesBelow: string): string => `
  INSERT INTO auditrail_tile (trail, level, number, root, hashes)
  SELECT new.trail, ${level}, value ->> 1, unhex(value ->> 2), unhex((${hashesBelow}))
  FROM json_each(new.tiles) WHERE value ->> 0 = ${level};`;

const below = (first: string): string => `BETWEEN ${first}(value ->> 1) * 256 AND ${first}(value ->> 1) * 256 + 255`;

/**
 * `group_concat(… ORDER BY …)` would say it more plainly, but a shell before 3.44 cannot read a schema that has it, and then
 * nothing else in the file either. SQLite keeps the order of what group_concat reads.
 */
const inOrder = (rows: string): string => `SELECT group_concat(part, '') FROM (${rows})`;
const leafHashes = inOrder(
  `SELECT hex(hash) AS part FROM auditrail_entry WHERE key ${below("(new.trail << 32) + ")} ORDER BY key`,
);
const rootsOf = (level: number): string =>
  inOrder(
    `SELECT hex(t.root) AS part FROM auditrail_tile t WHERE t.trail = new.trail AND t.level = ${level} AND t.number ${below("")} ORDER BY t.number`,
  );

const countByAction = `INSERT INTO auditrail_tally (trail, hour, log, action, outcome, entries)
  VALUES (new.trail, new.hour, new.log, new.action, new.outcome, 1) ON CONFLICT DO UPDATE SET entries = entries + 1;`;

/** `count` is the statement that counts the entry, which later versions of the schema say otherwise. */
export const appendTrigger = (count: string): string => `
CREATE TRIGGER auditrail_append_insert INSTEAD OF INSERT ON auditrail_append
BEGIN
  INSERT INTO auditrail_trail (number, tenant, origin, size, edge, recorded_at)
  SELECT new.trail, new.tenant, new.origin, 0, zeroblob(8), 0
  WHERE new.seq = 0 AND NOT EXISTS (SELECT 1 FROM auditrail_trail WHERE number = new.trail);
  SELECT RAISE(ABORT, 'auditrail: another entry has taken this position')
  WHERE NOT EXISTS (SELECT 1 FROM auditrail_trail WHERE number = new.trail AND tenant = new.tenant AND size = new.seq);
  INSERT INTO auditrail_entry (key, trail, event_id, recorded_at, hash, time, log, action, outcome, actor_type, actor_id, operation, entry)
  VALUES (${key}, new.trail, new.event_id, new.recorded_at, new.hash, new.time, new.log, new.action, new.outcome,
    new.actor_type, new.actor_id, new.operation, new.entry);
  INSERT INTO auditrail_target (trail, id, type, time, key)
  SELECT new.trail, value ->> 0, value ->> 1, new.time, ${key} FROM json_each(new.targets);
  INSERT INTO auditrail_sealed (key, part, subject, salt, bytes)
  SELECT ${key}, value ->> 0, value ->> 1, unhex(value ->> 2), unhex(value ->> 3) FROM json_each(new.sealed);
  INSERT INTO auditrail_text (rowid, words) VALUES (${key}, new.words);
  ${count}
  INSERT INTO auditrail_hold (key, trail, name, subject)
  SELECT ${key}, new.trail, new.entry ->> '$.data.hold', iif(json_type(new.entry, '$.data.subject') = 'text', new.entry ->> '$.data.subject', NULL)
  WHERE new.action = 'auditrail.held' AND json_type(new.entry, '$.data.hold') = 'text';
  UPDATE auditrail_hold SET released = ${key}
  WHERE new.action = 'auditrail.hold-released' AND trail = new.trail AND name = new.entry ->> '$.data.hold' AND released IS NULL;
  ${[tilesOf(0, leafHashes), ...[1, 2, 3].map((level) => tilesOf(level, rootsOf(level - 1)))].join("")}
  UPDATE auditrail_trail SET size = new.seq + 1, edge = new.edge, recorded_at = new.recorded_at WHERE number = new.trail;
END;
`;

/**
 * Appending as one statement, for transactions that are not ours: an INSERT into the view `auditrail_append` is an entry
 * with all that belongs to it, or nothing. Whatever an application does with its transaction meanwhile, even end it,
 * no part of an entry can be left.
 *
 * - A row says where it goes. It is refused where another entry has come between reading the trail and this.
 * - `targets` and `sealed` are JSON lists of rows (bytes in hexadecimal), `edge` is the compact range with this entry, and
 *   `tiles` lists the tiles that it completes as [level, number, root].
 */
export const appendStatement = `
CREATE VIEW auditrail_append AS
SELECT 0 AS trail, '' AS tenant, '' AS origin, 0 AS seq, x'' AS event_id, 0 AS recorded_at, x'' AS hash, 0 AS time, 0 AS hour,
  '' AS log, '' AS action, '' AS outcome, '' AS actor_type, '' AS actor_id, '' AS operation, '' AS entry,
  '' AS words, '[]' AS targets, '[]' AS sealed, x'' AS edge, '[]' AS tiles
WHERE 0;
${appendTrigger(countByAction)}`;
