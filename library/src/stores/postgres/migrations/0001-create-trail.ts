import { partitionFunctions } from "./0001-partitions.ts";
import { protectTrail } from "./0001-protect-trail.ts";
import { putFunction } from "./0001-put-function.ts";

/**
 * The first schema. `$schema` stands for the name of the schema, quoted.
 *
 * - `inbox` is where events are put, in the caller's own transaction: rows without a position, and without a look at the
 *   trail, so that no writer waits for another. The sequencer moves them to `entry`. An event is in exactly one of the two.
 * - `entry.key` is `trail * 2^32 + seq`: one integer that orders a trail by position and joins everything to it. It
 *   fits JavaScript's exact integers for 2,097,151 trails of 4,294,967,296 entries.
 * - `entry.entry` is the truth: canonical JSON. `time` and the columns before it are derived from it, as are `target`,
 *   `search` and `tally`.
 * - `entry` is cut into partitions by the month in the event's id (UUIDv7). An id is in one partition only, so that
 *   `(trail, event_id)`, which is unique in each, is unique in all. Positions are: `entries_follow` lets only the ones
 *   that come next in, under the lock on the trail's row.
 *   An entry is looked up by its id as `event_id = … AND trail + 0 = …`, for which no other index can be taken: a plan that was
 *   made while a partition was empty may live as long as its session.
 * - `sealed` is the personal data that entries only commit to. Its subjects are written as in JSON, without the marks around them.
 * - `search.words` is normalised words separated by spaces (`query/search-text.ts`); the index has each with the number
 *   of its trail before it, so that one tenant's search does not read another's words.
 * - `trail.edge` is the compact range of the trail's Merkle tree, `tile` its full tiles with their roots; both change in
 *   the transaction that adds the entries. What is not in a full tile yet is read from the entries' leaf hashes.
 * - `checkpoint` is what was signed about the tree, and never changes.
 * - `erasure`, `erasure_end`, `hold`, `subject_key`: as in SQLite (`stores/sqlite/migrations/0001-create-trail.ts`); `order_key`
 *   is the key of the entry that orders the erasure.
 * - `tally` counts entries by UTC hour, so that counting days does not read a million rows.
 * - `refused` is inbox rows that cannot become entries, because another event has their id: kept, counted, shown.
 * - `tenant_role` ties database roles to the one tenant whose rows they see.
 *
 * `parallel_workers = 0` where what is asked takes some ten milliseconds: to start a process for it takes longer.
 *
 * Indexes have the first 300 characters of what may be long: an index row has its limits.
 *
 * Postgres texts cannot hold the character NUL, which JSON can. In derived columns it is written as U+FFFF.
 */
export const createTrail = `
CREATE TABLE $schema.meta (
  name  text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE $schema.trail (
  number      integer PRIMARY KEY CHECK (number BETWEEN 1 AND 2097151),
  tenant      text COLLATE "C" NOT NULL UNIQUE,
  origin      text COLLATE "C" NOT NULL UNIQUE,
  size        bigint NOT NULL CHECK (size BETWEEN 0 AND 4294967296),
  edge        bytea NOT NULL,
  recorded_at bigint NOT NULL
);

CREATE TABLE $schema.inbox (
  tenant     text COLLATE "C" NOT NULL,
  number     bigint GENERATED ALWAYS AS IDENTITY,
  event_id   uuid NOT NULL,
  put_at     bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
  hash       bytea NOT NULL,
  time       bigint NOT NULL,
  log        text COLLATE "C" NOT NULL,
  action     text COLLATE "C" NOT NULL,
  outcome    text COLLATE "C" NOT NULL,
  actor_type text COLLATE "C" NOT NULL,
  actor_id   text COLLATE "C",
  operation  text COLLATE "C",
  targets    jsonb NOT NULL CHECK (jsonb_typeof(targets) = 'array'),
  words      text NOT NULL,
  sealed     jsonb NOT NULL CHECK (jsonb_typeof(sealed) = 'array'),
  entry      text NOT NULL CHECK (hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))),
  PRIMARY KEY (tenant, number),
  UNIQUE (tenant, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TABLE $schema.refused (
  LIKE $schema.inbox INCLUDING DEFAULTS,
  refused_at bigint NOT NULL,
  PRIMARY KEY (tenant, number)
);

CREATE TABLE $schema.entry (
  key         bigint NOT NULL,
  trail       integer NOT NULL CHECK (trail = key >> 32),
  event_id    uuid NOT NULL,
  recorded_at bigint NOT NULL,
  hash        bytea NOT NULL,
  time        bigint NOT NULL,
  log         text COLLATE "C" NOT NULL,
  action      text COLLATE "C" NOT NULL,
  outcome     text COLLATE "C" NOT NULL,
  actor_type  text COLLATE "C" NOT NULL,
  actor_id    text COLLATE "C",
  operation   text COLLATE "C",
  entry       text NOT NULL CHECK (hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8')))
) PARTITION BY RANGE (event_id);
CREATE UNIQUE INDEX entry_id ON $schema.entry (event_id, trail);
CREATE INDEX entry_time ON $schema.entry (trail, time, key);
CREATE INDEX entry_failure ON $schema.entry (trail, time, key) WHERE outcome <> 'success';
CREATE INDEX entry_log ON $schema.entry (trail, log, time, key);
CREATE INDEX entry_action ON $schema.entry (trail, action, time, key);
CREATE INDEX entry_actor ON $schema.entry (trail, left(actor_id, 300), time, key);
CREATE INDEX entry_operation ON $schema.entry (trail, left(operation, 300), time, key) WHERE operation IS NOT NULL;

CREATE TABLE $schema.target (
  trail integer NOT NULL,
  id    text COLLATE "C" NOT NULL,
  type  text COLLATE "C" NOT NULL,
  time  bigint NOT NULL,
  key   bigint NOT NULL,
  place smallint NOT NULL,
  PRIMARY KEY (key, place)
);
CREATE INDEX target_id ON $schema.target (trail, left(id, 300), time, key);

CREATE TABLE $schema.sealed (
  key     bigint NOT NULL,
  part    integer NOT NULL,
  subject text COLLATE "C" NOT NULL,
  salt    bytea NOT NULL CHECK (length(salt) >= 16),
  bytes   bytea NOT NULL,
  PRIMARY KEY (key, part)
);
CREATE INDEX sealed_subject ON $schema.sealed (left(subject, 300), key);

CREATE TABLE $schema.search (
  key   bigint PRIMARY KEY,
  words text NOT NULL
) WITH (parallel_workers = 0);
CREATE FUNCTION $schema.lexemes(key bigint, words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(ARRAY(SELECT DISTINCT (key >> 32) || '/' || word FROM unnest(string_to_array(words, ' ')) word WHERE word NOT IN ('', '¶')))
$$;
CREATE INDEX search_words ON $schema.search USING gin ($schema.lexemes(key, words));

CREATE TABLE $schema.tally (
  trail   integer NOT NULL,
  hour    bigint NOT NULL,
  log     text COLLATE "C" NOT NULL,
  action  text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (trail, hour, log, action, outcome)
) WITH (fillfactor = 50, parallel_workers = 0);

CREATE TABLE $schema.tile (
  trail  integer NOT NULL,
  level  smallint NOT NULL,
  number bigint NOT NULL,
  root   bytea NOT NULL CHECK (length(root) = 32),
  hashes bytea NOT NULL CHECK (length(hashes) = 8192),
  PRIMARY KEY (trail, level, number)
);

CREATE TABLE $schema.checkpoint (
  number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  trail      integer NOT NULL REFERENCES $schema.trail (number),
  size       bigint NOT NULL,
  root       bytea NOT NULL CHECK (length(root) = 32),
  created_at bigint NOT NULL,
  note       text NOT NULL,
  timestamp  bytea
);
CREATE INDEX checkpoint_size ON $schema.checkpoint (trail, size);

CREATE TABLE $schema.erasure (
  order_key bigint NOT NULL,
  trail   integer NOT NULL CHECK (trail = order_key >> 32),
  first   bigint NOT NULL,
  until   bigint NOT NULL,
  part    integer,
  subject text COLLATE "C"
);
CREATE UNIQUE INDEX erasure_redacted ON $schema.erasure (first, part) WHERE part IS NOT NULL;
CREATE UNIQUE INDEX erasure_whole ON $schema.erasure (trail, order_key) WHERE part IS NULL;

CREATE TABLE $schema.erasure_end (
  order_key    bigint PRIMARY KEY,
  removed_at   bigint NOT NULL,
  compacted_at bigint,
  -- Whoever still reads from before this transaction can still read what was erased.
  removed_in   xid8 NOT NULL DEFAULT pg_current_xact_id()
);

CREATE TABLE $schema.hold (
  key      bigint PRIMARY KEY,
  trail    integer NOT NULL CHECK (trail = key >> 32),
  name     text NOT NULL,
  subject  text,
  released bigint
);
CREATE INDEX hold_open ON $schema.hold (trail) WHERE released IS NULL;

CREATE TABLE $schema.subject_key (
  trail   integer NOT NULL,
  subject text COLLATE "C" NOT NULL,
  key     bytea NOT NULL CHECK (length(key) = 32),
  made_at bigint NOT NULL,
  PRIMARY KEY (trail, subject)
);

CREATE TABLE $schema.producer (
  id      text PRIMARY KEY,
  settled bigint NOT NULL
);

CREATE TABLE $schema.catalogue (
  number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recorded_at bigint NOT NULL,
  description text NOT NULL
);

CREATE TABLE $schema.tenant_role (
  role   name PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL
);
${putFunction}
${protectTrail}
${partitionFunctions}`;
