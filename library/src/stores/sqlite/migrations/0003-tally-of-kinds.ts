import { appendTrigger } from "./0002-append-statement.ts";

/** A field of an entry's text; nothing where the text is no event any more, which must not keep a trail from being opened. */
export const saidBy = (field: string): string =>
  `CASE WHEN json_valid(entry) THEN coalesce(entry ->> '$.${field}', '') ELSE '' END`;

/** The hour of `time`, rounded down, also before 1970: SQLite's division rounds towards zero. */
export const hourOfEntry = "((time - ((time % 3600000000) + 3600000000) % 3600000000) / 3600000000)";

const kinds = "trail, log, hour, action, op, severity, outcome";

/**
 * The tally knows `op` and `severity` as well: what people look at in a console is everything but reads, which hours
 * without `op` cannot answer. An entry's severity and op follow from its action almost always, so there are hardly more rows.
 *
 * Both tables lie in the order of logs, so that those of one log are next to each other; the hours of all logs are found by
 * asking for one log after the other.
 *
 * An older version of the library that still has the database open cannot record from here on, and says so.
 */
export const tallyOfKinds = `
DROP TRIGGER auditrail_append_insert;
DROP TABLE auditrail_tally;
DROP TABLE auditrail_tally_log;

CREATE TABLE auditrail_tally (
  trail    INTEGER NOT NULL,
  log      TEXT NOT NULL,
  hour     INTEGER NOT NULL,
  action   TEXT NOT NULL,
  op       TEXT NOT NULL,
  severity TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  entries  INTEGER NOT NULL,
  PRIMARY KEY (${kinds})
) STRICT, WITHOUT ROWID;
CREATE TABLE auditrail_tally_log (
  trail   INTEGER NOT NULL,
  log     TEXT NOT NULL,
  hour    INTEGER NOT NULL,
  op      TEXT NOT NULL,
  outcome TEXT NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (trail, log, hour, op, outcome)
) STRICT, WITHOUT ROWID;

INSERT INTO auditrail_tally (${kinds}, entries)
SELECT trail, log, ${hourOfEntry} AS hour, action, ${saidBy("op")} AS op, ${saidBy("severity")} AS severity, outcome, count(*)
FROM auditrail_entry GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO auditrail_tally_log (trail, log, hour, op, outcome, entries)
SELECT trail, log, hour, op, outcome, sum(entries) FROM auditrail_tally GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER auditrail_tally_insert AFTER INSERT ON auditrail_tally
BEGIN
  INSERT INTO auditrail_tally_log (trail, log, hour, op, outcome, entries)
  VALUES (new.trail, new.log, new.hour, new.op, new.outcome, new.entries)
  ON CONFLICT DO UPDATE SET entries = entries + excluded.entries;
END;
CREATE TRIGGER auditrail_tally_update AFTER UPDATE ON auditrail_tally
BEGIN
  UPDATE auditrail_tally_log SET entries = entries + new.entries - old.entries
  WHERE trail = new.trail AND log = new.log AND hour = new.hour AND op = new.op AND outcome = new.outcome;
END;
CREATE TRIGGER auditrail_tally_delete AFTER DELETE ON auditrail_tally
BEGIN
  UPDATE auditrail_tally_log SET entries = entries - old.entries
  WHERE trail = old.trail AND log = old.log AND hour = old.hour AND op = old.op AND outcome = old.outcome;
END;
${appendTrigger(`INSERT INTO auditrail_tally (${kinds}, entries)
  VALUES (new.trail, new.log, new.hour, new.action, coalesce(new.entry ->> '$.op', ''), coalesce(new.entry ->> '$.severity', ''), new.outcome, 1)
  ON CONFLICT DO UPDATE SET entries = entries + 1;`)}`;
