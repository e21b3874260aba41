/** Whether an erasure removes the entry with that key whole. */
const isPruned = (trail: string, key: string): string =>
  `EXISTS (SELECT 1 FROM auditrail_erasure x WHERE x.trail = ${trail} AND x.until > ${key} AND x.first <= ${key} AND x.part IS NULL AND x.subject IS NULL)`;

/**
 * The first schema. All names start with `auditrail_`, because the tables may live in an application's own database.
 *
 * - `entry.key` is `trail * 2^32 + seq`: one integer that orders a trail by position and joins everything to it. It
 *   fits JavaScript's exact integers for 2,097,151 trails of 4,294,967,296 entries.
 * - `entry.entry` is the truth: canonical JSON. It stands last, so that reading the columns before it touches no
 *   overflow page. `time` and the columns after it are derived from it, as are `target`, `text` and `tally`.
 * - `sealed` is the personal data that entries only commit to.
 * - `text` indexes normalised words separated by spaces (`query/search-text.ts`), hence the `ascii` tokenizer.
 * - `trail.edge` is the compact range of the trail's Merkle tree, `tile` its full tiles with their roots; both change in
 *   the transaction that adds the entries. What is not in a full tile yet is read from the entries' leaf hashes.
 * - `checkpoint` is what was signed about the tree, and never changes.
 * - `erasure` says what may be deleted, and by which entry: of the entries with keys from `first` to before `until` the
 *   sealed part `part` (redacted), the sealed parts of `subject` (shredded), or everything (pruned). A trigger holds each
 *   row to its entry's own text and to a checkpoint that covers it, and triggers let only what is in it be deleted.
 * - `erasure_end` says of an erasure when its rows were gone, and when their bytes were gone from the files as well.
 * - `hold` is the legal holds, by the keys of the entries that placed and released them. What they cover stays.
 * - `subject_key` encrypts a subject's personal data in copies that leave the store.
 * - `tally` counts entries by UTC hour, so that counting days does not read a million rows.
 */
export const createTrail = `
CREATE TABLE auditrail_meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE auditrail_trail (
  number      INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 2097151),
  tenant      TEXT NOT NULL UNIQUE,
  origin      TEXT NOT NULL UNIQUE,
  size        INTEGER NOT NULL CHECK (size BETWEEN 0 AND 4294967296),
  edge        BLOB NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;

CREATE TABLE auditrail_entry (
  key         INTEGER PRIMARY KEY,
  trail       INTEGER NOT NULL CHECK (trail = key >> 32),
  event_id    BLOB NOT NULL CHECK (length(event_id) = 16),
  recorded_at INTEGER NOT NULL,
  hash        BLOB NOT NULL CHECK (length(hash) = 32),
  time        INTEGER NOT NULL,
  log         TEXT NOT NULL,
  action      TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  actor_type  TEXT NOT NULL,
  actor_id    TEXT,
  operation   TEXT,
  entry       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX auditrail_entry_id ON auditrail_entry (trail, event_id);
CREATE INDEX auditrail_entry_time ON auditrail_entry (trail, time);
CREATE INDEX auditrail_entry_failure ON auditrail_entry (trail, time) WHERE outcome <> 'success';
CREATE INDEX auditrail_entry_log ON auditrail_entry (trail, log, time);
CREATE INDEX auditrail_entry_action ON auditrail_entry (trail, action, time);
CREATE INDEX auditrail_entry_actor ON auditrail_entry (trail, actor_id, time);
CREATE INDEX auditrail_entry_operation ON auditrail_entry (trail, operation, time) WHERE operation IS NOT NULL;

CREATE TABLE auditrail_target (
  trail INTEGER NOT NULL,
  id    TEXT NOT NULL,
  type  TEXT NOT NULL,
  time  INTEGER NOT NULL,
  key   INTEGER NOT NULL,
  PRIMARY KEY (trail, id, type, time, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE auditrail_sealed (
  key     INTEGER NOT NULL,
  part    INTEGER NOT NULL,
  subject TEXT NOT NULL,
  salt    BLOB NOT NULL CHECK (length(salt) >= 16),
  bytes   BLOB NOT NULL,
  PRIMARY KEY (key, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX auditrail_sealed_subject ON auditrail_sealed (subject);

CREATE VIRTUAL TABLE auditrail_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE auditrail_tally (
  trail   INTEGER NOT NULL,
  hour    INTEGER NOT NULL,
  log     TEXT NOT NULL,
  action  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (trail, hour, log, action, outcome)
) STRICT, WITHOUT ROWID;

-- The same without actions: charts over a list, which are asked for most, read a sixth of the rows.
CREATE TABLE auditrail_tally_log (
  trail   INTEGER NOT NULL,
  hour    INTEGER NOT NULL,
  log     TEXT NOT NULL,
  outcome TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (trail, hour, log, outcome)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER auditrail_tally_insert AFTER INSERT ON auditrail_tally
BEGIN
  INSERT INTO auditrail_tally_log (trail, hour, log, outcome, entries)
  VALUES (new.trail, new.hour, new.log, new.outcome, new.entries)
  ON CONFLICT DO UPDATE SET entries = entries + excluded.entries;
END;
CREATE TRIGGER auditrail_tally_update AFTER UPDATE ON auditrail_tally
BEGIN
  UPDATE auditrail_tally_log SET entries = entries + new.entries - old.entries
  WHERE trail = new.trail AND hour = new.hour AND log = new.log AND outcome = new.outcome;
END;
CREATE TRIGGER auditrail_tally_delete AFTER DELETE ON auditrail_tally
BEGIN
  UPDATE auditrail_tally_log SET entries = entries - old.entries
  WHERE trail = old.trail AND hour = old.hour AND log = old.log AND outcome = old.outcome;
END;

CREATE TABLE auditrail_tile (
  trail  INTEGER NOT NULL,
  level  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  root   BLOB NOT NULL CHECK (length(root) = 32),
  hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
  PRIMARY KEY (trail, level, number)
) STRICT;

CREATE TABLE auditrail_checkpoint (
  number     INTEGER PRIMARY KEY,
  trail      INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  root       BLOB NOT NULL CHECK (length(root) = 32),
  created_at INTEGER NOT NULL,
  note       TEXT NOT NULL,
  timestamp  BLOB
) STRICT;
CREATE INDEX auditrail_checkpoint_size ON auditrail_checkpoint (trail, size);

CREATE TABLE auditrail_erasure (
  by      INTEGER NOT NULL,
  trail   INTEGER NOT NULL CHECK (trail = by >> 32),
  first   INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  part    INTEGER,
  subject TEXT
) STRICT;
CREATE UNIQUE INDEX auditrail_erasure_redacted ON auditrail_erasure (first, part) WHERE part IS NOT NULL;
CREATE UNIQUE INDEX auditrail_erasure_shredded ON auditrail_erasure (trail, subject, by) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX auditrail_erasure_pruned ON auditrail_erasure (trail, until, by) WHERE part IS NULL AND subject IS NULL;

CREATE TABLE auditrail_erasure_end (
  by           INTEGER PRIMARY KEY,
  removed_at   INTEGER NOT NULL,
  compacted_at INTEGER
) STRICT;

CREATE TABLE auditrail_hold (
  key      INTEGER PRIMARY KEY,
  trail    INTEGER NOT NULL CHECK (trail = key >> 32),
  name     TEXT NOT NULL,
  subject  TEXT,
  released INTEGER
) STRICT;
CREATE INDEX auditrail_hold_open ON auditrail_hold (trail) WHERE released IS NULL;

CREATE TABLE auditrail_subject_key (
  trail   INTEGER NOT NULL,
  subject TEXT NOT NULL,
  key     BLOB NOT NULL CHECK (length(key) = 32),
  made_at INTEGER NOT NULL,
  PRIMARY KEY (trail, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE auditrail_producer (
  id      TEXT PRIMARY KEY,
  settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE auditrail_catalogue (
  number      INTEGER PRIMARY KEY,
  recorded_at INTEGER NOT NULL,
  description TEXT NOT NULL
) STRICT;

-- INSERT OR REPLACE deletes without asking delete triggers, so it is refused where it would find something to replace.
CREATE TRIGGER auditrail_entry_no_replace BEFORE INSERT ON auditrail_entry
WHEN EXISTS (SELECT 1 FROM auditrail_entry WHERE key = new.key)
  OR EXISTS (SELECT 1 FROM auditrail_entry WHERE trail = new.trail AND event_id = new.event_id)
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never replaced'); END;
CREATE TRIGGER auditrail_entry_no_update BEFORE UPDATE ON auditrail_entry
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never changed'); END;
CREATE TRIGGER auditrail_entry_no_delete BEFORE DELETE ON auditrail_entry
WHEN NOT ${isPruned("old.trail", "old.key")}
  OR EXISTS (SELECT 1 FROM auditrail_hold h WHERE h.trail = old.trail AND h.released IS NULL AND (h.subject IS NULL OR h.key = old.key))
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are deleted by erasure only, and not under a legal hold'); END;
CREATE TRIGGER auditrail_target_no_update BEFORE UPDATE ON auditrail_target
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never changed'); END;
CREATE TRIGGER auditrail_target_no_delete BEFORE DELETE ON auditrail_target
WHEN NOT ${isPruned("old.trail", "old.key")}
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are deleted by erasure only, and not under a legal hold'); END;
CREATE TRIGGER auditrail_sealed_no_update BEFORE UPDATE ON auditrail_sealed
BEGIN SELECT RAISE(ABORT, 'auditrail: sealed data is never changed'); END;
CREATE TRIGGER auditrail_sealed_no_delete BEFORE DELETE ON auditrail_sealed
WHEN NOT (
  EXISTS (SELECT 1 FROM auditrail_erasure x WHERE x.part IS NOT NULL AND x.first = old.key AND x.part = old.part)
  OR EXISTS (SELECT 1 FROM auditrail_erasure x WHERE x.trail = old.key >> 32 AND x.subject = old.subject AND x.first <= old.key AND x.until > old.key)
  OR ${isPruned("old.key >> 32", "old.key")}
) OR EXISTS (SELECT 1 FROM auditrail_hold h WHERE h.trail = old.key >> 32 AND h.released IS NULL AND (h.subject IS NULL OR h.subject = old.subject))
BEGIN SELECT RAISE(ABORT, 'auditrail: sealed data is deleted by erasure only, and not under a legal hold'); END;
CREATE TRIGGER auditrail_subject_key_no_update BEFORE UPDATE ON auditrail_subject_key
BEGIN SELECT RAISE(ABORT, 'auditrail: subject keys are never changed'); END;
CREATE TRIGGER auditrail_subject_key_no_delete BEFORE DELETE ON auditrail_subject_key
WHEN NOT EXISTS (SELECT 1 FROM auditrail_erasure x WHERE x.trail = old.trail AND x.subject = old.subject)
  OR EXISTS (SELECT 1 FROM auditrail_hold h WHERE h.trail = old.trail AND h.released IS NULL AND (h.subject IS NULL OR h.subject = old.subject))
BEGIN SELECT RAISE(ABORT, 'auditrail: subject keys are deleted by erasure only, and not under a legal hold'); END;
CREATE TRIGGER auditrail_subject_key_no_replace BEFORE INSERT ON auditrail_subject_key
WHEN EXISTS (SELECT 1 FROM auditrail_subject_key WHERE trail = new.trail AND subject = new.subject)
BEGIN SELECT RAISE(ABORT, 'auditrail: subject keys are never changed'); END;

CREATE TRIGGER auditrail_erasure_announced BEFORE INSERT ON auditrail_erasure
WHEN NOT EXISTS (
  SELECT 1 FROM auditrail_entry e WHERE e.key = new.by
    AND EXISTS (SELECT 1 FROM auditrail_checkpoint c WHERE c.trail = new.trail AND c.size > (e.key & 4294967295))
    AND new.until <= e.key
    AND CASE e.action
      WHEN 'auditrail.redacted' THEN new.subject IS NULL AND new.until = new.first + 1 AND EXISTS (
        SELECT 1 FROM json_each(e.entry, '$.data.entries') d, json_each(d.value, '$.parts') p
        WHERE (e.trail << 32) + json_extract(d.value, '$.seq') = new.first AND p.value = new.part)
      WHEN 'auditrail.shredded' THEN new.part IS NULL AND new.subject = json_extract(e.entry, '$.data.subject')
        AND new.first = e.trail << 32 AND new.until = (e.trail << 32) + json_extract(e.entry, '$.data.to')
      WHEN 'auditrail.pruned' THEN new.part IS NULL AND new.subject IS NULL
        AND new.first = (e.trail << 32) + json_extract(e.entry, '$.data.from')
        AND new.until = (e.trail << 32) + json_extract(e.entry, '$.data.to')
    END)
BEGIN SELECT RAISE(ABORT, 'auditrail: no entry in a checkpoint announces this erasure'); END;
CREATE TRIGGER auditrail_erasure_no_update BEFORE UPDATE ON auditrail_erasure
BEGIN SELECT RAISE(ABORT, 'auditrail: erasures are never changed'); END;
CREATE TRIGGER auditrail_erasure_no_delete BEFORE DELETE ON auditrail_erasure
BEGIN SELECT RAISE(ABORT, 'auditrail: erasures are never deleted'); END;
CREATE TRIGGER auditrail_erasure_end_no_delete BEFORE DELETE ON auditrail_erasure_end
BEGIN SELECT RAISE(ABORT, 'auditrail: erasures are never deleted'); END;
CREATE TRIGGER auditrail_hold_placed BEFORE INSERT ON auditrail_hold
WHEN new.released IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM auditrail_entry e WHERE e.key = new.key AND e.action = 'auditrail.held'
    AND json_extract(e.entry, '$.data.hold') = new.name AND json_extract(e.entry, '$.data.subject') IS new.subject)
BEGIN SELECT RAISE(ABORT, 'auditrail: a legal hold is placed by its entry'); END;
CREATE TRIGGER auditrail_hold_released BEFORE UPDATE ON auditrail_hold
WHEN old.released IS NOT NULL OR new.key <> old.key OR new.name <> old.name OR new.subject IS NOT old.subject OR NOT EXISTS (
  SELECT 1 FROM auditrail_entry e WHERE e.key = new.released AND e.trail = old.trail AND e.key > old.key
    AND e.action = 'auditrail.hold-released' AND json_extract(e.entry, '$.data.hold') = old.name)
BEGIN SELECT RAISE(ABORT, 'auditrail: a legal hold is released by an entry'); END;
CREATE TRIGGER auditrail_hold_no_delete BEFORE DELETE ON auditrail_hold
BEGIN SELECT RAISE(ABORT, 'auditrail: legal holds are never deleted'); END;
CREATE TRIGGER auditrail_tile_no_update BEFORE UPDATE ON auditrail_tile
BEGIN SELECT RAISE(ABORT, 'auditrail: tiles are never changed'); END;
CREATE TRIGGER auditrail_tile_no_delete BEFORE DELETE ON auditrail_tile
BEGIN SELECT RAISE(ABORT, 'auditrail: tiles are never deleted'); END;
CREATE TRIGGER auditrail_checkpoint_no_update BEFORE UPDATE ON auditrail_checkpoint
BEGIN SELECT RAISE(ABORT, 'auditrail: checkpoints are never changed'); END;
CREATE TRIGGER auditrail_checkpoint_no_delete BEFORE DELETE ON auditrail_checkpoint
BEGIN SELECT RAISE(ABORT, 'auditrail: checkpoints are never deleted'); END;
CREATE TRIGGER auditrail_trail_no_delete BEFORE DELETE ON auditrail_trail
BEGIN SELECT RAISE(ABORT, 'auditrail: trails are never deleted'); END;
CREATE TRIGGER auditrail_trail_forward BEFORE UPDATE ON auditrail_trail
WHEN new.size < old.size OR new.origin <> old.origin OR new.tenant <> old.tenant OR new.number <> old.number
  OR new.recorded_at < old.recorded_at
  OR (new.size = old.size AND (new.edge <> old.edge OR new.recorded_at <> old.recorded_at))
  OR (new.size > old.size AND NOT EXISTS (SELECT 1 FROM auditrail_entry WHERE key = (new.number << 32) + new.size - 1))
BEGIN SELECT RAISE(ABORT, 'auditrail: a trail only grows, with its entries'); END;
CREATE TRIGGER auditrail_trail_no_replace BEFORE INSERT ON auditrail_trail
WHEN new.size <> 0 OR EXISTS (SELECT 1 FROM auditrail_trail WHERE number = new.number OR tenant = new.tenant OR origin = new.origin)
BEGIN SELECT RAISE(ABORT, 'auditrail: trails are never replaced'); END;
CREATE TRIGGER auditrail_sealed_no_replace BEFORE INSERT ON auditrail_sealed
WHEN EXISTS (SELECT 1 FROM auditrail_sealed WHERE key = new.key AND part = new.part)
BEGIN SELECT RAISE(ABORT, 'auditrail: sealed data is never replaced'); END;
CREATE TRIGGER auditrail_tile_no_replace BEFORE INSERT ON auditrail_tile
WHEN EXISTS (SELECT 1 FROM auditrail_tile WHERE trail = new.trail AND level = new.level AND number = new.number)
BEGIN SELECT RAISE(ABORT, 'auditrail: tiles are never replaced'); END;
CREATE TRIGGER auditrail_checkpoint_no_replace BEFORE INSERT ON auditrail_checkpoint
WHEN EXISTS (SELECT 1 FROM auditrail_checkpoint WHERE number = new.number)
BEGIN SELECT RAISE(ABORT, 'auditrail: checkpoints are never replaced'); END;
CREATE TRIGGER auditrail_catalogue_no_replace BEFORE INSERT ON auditrail_catalogue
WHEN EXISTS (SELECT 1 FROM auditrail_catalogue WHERE number = new.number)
BEGIN SELECT RAISE(ABORT, 'auditrail: catalogues are never replaced'); END;
CREATE TRIGGER auditrail_meta_forward BEFORE UPDATE ON auditrail_meta
WHEN new.name <> old.name OR old.name <> 'schema_version' OR CAST(new.value AS INTEGER) < CAST(old.value AS INTEGER)
BEGIN SELECT RAISE(ABORT, 'auditrail: only the version of the schema changes, upwards'); END;
CREATE TRIGGER auditrail_meta_no_replace BEFORE INSERT ON auditrail_meta
WHEN EXISTS (SELECT 1 FROM auditrail_meta WHERE name = new.name)
BEGIN SELECT RAISE(ABORT, 'auditrail: only the version of the schema changes, upwards'); END;
CREATE TRIGGER auditrail_meta_no_delete BEFORE DELETE ON auditrail_meta
BEGIN SELECT RAISE(ABORT, 'auditrail: what the store is, is never deleted'); END;
CREATE TRIGGER auditrail_catalogue_no_update BEFORE UPDATE ON auditrail_catalogue
BEGIN SELECT RAISE(ABORT, 'auditrail: catalogues are never changed'); END;
CREATE TRIGGER auditrail_catalogue_no_delete BEFORE DELETE ON auditrail_catalogue
BEGIN SELECT RAISE(ABORT, 'auditrail: catalogues are never deleted'); END;
`;
