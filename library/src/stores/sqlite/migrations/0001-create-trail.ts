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
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never deleted'); END;
CREATE TRIGGER auditrail_target_no_update BEFORE UPDATE ON auditrail_target
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never changed'); END;
CREATE TRIGGER auditrail_target_no_delete BEFORE DELETE ON auditrail_target
BEGIN SELECT RAISE(ABORT, 'auditrail: entries are never deleted'); END;
CREATE TRIGGER auditrail_sealed_no_update BEFORE UPDATE ON auditrail_sealed
BEGIN SELECT RAISE(ABORT, 'auditrail: sealed data is never changed'); END;
CREATE TRIGGER auditrail_sealed_no_delete BEFORE DELETE ON auditrail_sealed
BEGIN SELECT RAISE(ABORT, 'auditrail: sealed data is deleted by erasure only'); END;
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
BEGIN SELECT RAISE(ABORT, 'auditrail: a trail only grows'); END;
CREATE TRIGGER auditrail_catalogue_no_update BEFORE UPDATE ON auditrail_catalogue
BEGIN SELECT RAISE(ABORT, 'auditrail: catalogues are never changed'); END;
CREATE TRIGGER auditrail_catalogue_no_delete BEFORE DELETE ON auditrail_catalogue
BEGIN SELECT RAISE(ABORT, 'auditrail: catalogues are never deleted'); END;
`;
