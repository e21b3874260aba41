import { DatabaseSync } from "node:sqlite";

import { installCapture, type CaptureOptions } from "auditrail/sqlite-triggers";

import { catalogue } from "./catalogue.ts";

const schema = `
CREATE TABLE IF NOT EXISTS person (
  id                INTEGER PRIMARY KEY,
  name              TEXT NOT NULL,
  language          TEXT NOT NULL,
  active            INTEGER NOT NULL DEFAULT 1,
  no_reward_percent REAL NOT NULL DEFAULT 50 CHECK (no_reward_percent BETWEEN 0.01 AND 99.99)
);
CREATE TABLE IF NOT EXISTS habit (
  id              INTEGER PRIMARY KEY,
  person          INTEGER NOT NULL REFERENCES person,
  name            TEXT NOT NULL,
  weight          INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 100),
  category        TEXT NOT NULL,
  skip_days       INTEGER NOT NULL CHECK (skip_days >= 0),
  exempt_weekdays TEXT NOT NULL,
  active          INTEGER NOT NULL DEFAULT 1,
  created_day     TEXT NOT NULL,
  UNIQUE (person, name)
);
CREATE TABLE IF NOT EXISTS reward (
  id              INTEGER PRIMARY KEY,
  person          INTEGER NOT NULL REFERENCES person,
  name            TEXT NOT NULL,
  weight          REAL NOT NULL CHECK (weight > 0),
  pieces_required INTEGER NOT NULL CHECK (pieces_required >= 1),
  piece_value     TEXT,
  max_daily       INTEGER,
  recurring       INTEGER NOT NULL,
  active          INTEGER NOT NULL DEFAULT 1,
  UNIQUE (person, name)
);
CREATE TABLE IF NOT EXISTS progress (
  person  INTEGER NOT NULL REFERENCES person,
  reward  INTEGER NOT NULL REFERENCES reward ON DELETE CASCADE,
  pieces  INTEGER NOT NULL CHECK (pieces >= 0),
  claimed INTEGER NOT NULL,
  PRIMARY KEY (person, reward)
);
CREATE TABLE IF NOT EXISTS habit_log (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  habit        INTEGER NOT NULL REFERENCES habit,
  person       INTEGER NOT NULL REFERENCES person,
  reward       INTEGER REFERENCES reward ON DELETE SET NULL,
  got_reward   INTEGER NOT NULL,
  streak       INTEGER NOT NULL,
  weight       INTEGER NOT NULL,
  total_weight REAL NOT NULL,
  day          TEXT NOT NULL,
  made_at      TEXT NOT NULL,
  made_day     TEXT NOT NULL,
  UNIQUE (habit, day)
);
CREATE TABLE IF NOT EXISTS conversation (
  person INTEGER PRIMARY KEY,
  step   TEXT NOT NULL,
  draft  TEXT NOT NULL
);
`;

/** Every table, and whether its rows are captured. A table that is added without a line here fails the coverage check. */
export const captureOptions: CaptureOptions = {
  catalogue,
  tables: {
    person: {},
    habit: {},
    reward: {},
    progress: {},
    habit_log: {},
    conversation: { exclude: "what somebody is in the middle of saying; what comes of it is recorded" },
  },
};

/** Opens the domain's own connection, on the file that the trail is in too. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`);
  installCapture(database, captureOptions);
  return database;
}
