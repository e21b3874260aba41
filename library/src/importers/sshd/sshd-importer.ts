import { isIP } from "node:net";

import { AuditError, assertKnownOptions } from "../../base/errors.ts";
import { formatInstant, systemClock, type Clock } from "../../base/time.ts";
import type { Actor, Target } from "../../event/event.ts";
import { assertZone } from "../../query/zone.ts";
import type { Importer, MappedEvent, Reading, SourceRecord } from "../importer.ts";
import { readLines, type Line } from "../read-lines.ts";
import { createDating } from "./date-lines.ts";
import { readMessage, rulesOf, type LineParts } from "./line-rules.ts";
import { readSyslogLine, type SyslogLine } from "./read-syslog-line.ts";
import { sshdLog } from "./sshd-log.ts";

export interface SshdImporterOptions {
  /** The year of the first line, for logs whose times have none. Worked out from when the file was written unless said. */
  readonly year?: number;
  /** The zone of times without one: an IANA name. UTC unless said. */
  readonly zone?: string;
  /** What time it is, for logs of which it is not known when they were written. */
  readonly clock?: Clock;
}

/**
 * Imports what sshd, sudo and su wrote to `auth.log` (`/var/log/secure`). Lines of other programs in the file are passed by, and counted
 * under their program; lines of sshd that no rule knows become `sshd.other`.
 *
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * await importEvents({ importer: createSshdImporter({ year: 2017 }), source: await openFileSource("auth.log.gz"), trail });
 */
export function createSshdImporter(options: SshdImporterOptions = {}): Importer {
  assertKnownOptions("createSshdImporter()", options, ["year", "zone", "clock"]);
  const { year, zone = "UTC", clock = systemClock } = options;
  assertZone(zone);
  if (year !== undefined && !(Number.isSafeInteger(year) && year >= 1970 && year <= 9999)) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot import a log of the year ${year}: expected a whole number from 1970 to 9999.`,
    );
  }
  return {
    kind: "sshd",
    settings: JSON.stringify({ mapping: 1, year, zone }),
    unit: "line",
    countsRepeats: true,
    logs: [sshdLog],
    async *records(chunks, { writtenAtMicros, note }) {
      const date = createDating({ year, zone, latestMicros: writtenAtMicros ?? clock.nowMicros(), note });
      let previous: SyslogLine | undefined;
      for await (const lines of readLines(chunks)) {
        const records: SourceRecord[] = [];
        for (const line of lines) {
          if (line.text.trim() === "") continue;
          const syslogLine = line.flaw === "too long" ? undefined : readSyslogLine(line.text);
          // Dated here and not when it is read: the year of a line depends on the lines before it.
          const micros = syslogLine === undefined ? 0 : date(syslogLine);
          records.push(recordOf(line, syslogLine, micros, previous));
          if (syslogLine?.program !== undefined) previous = syslogLine;
        }
        yield records;
      }
    },
  };
}

function recordOf(
  line: Line,
  syslogLine: SyslogLine | undefined,
  micros: number,
  previous: SyslogLine | undefined,
): SourceRecord {
  const { number, text, flaw, unfinished } = line;
  const read = (): Reading => {
    if (flaw === "too long") return { malformed: "the line is too long" };
    if (syslogLine === undefined) return { malformed: "not a syslog line: expected a time, a host and a program" };
    return readRecord(syslogLine, micros, text, previous);
  };
  return { number, text, read, ...(unfinished && { unfinished }) };
}

const repeatedBySender = /^message repeated (\d+) times: \[ (.*)\]$/s;
const repeatedBySyslog = /^last message repeated (\d+) times?$/;

function readRecord(line: SyslogLine, micros: number, text: string, previous: SyslogLine | undefined): Reading {
  const lastRepeated = repeatedBySyslog.exec(line.message);
  const isOfSyslog = line.program === undefined && lastRepeated !== null && previous !== undefined;
  const { program, pid, message } = isOfSyslog ? previous : line;
  if (program === undefined) return { passedBy: "lines without a program" };
  const rules = rulesOf(program);
  if (rules === undefined) return { passedBy: program };
  const repeated = isOfSyslog ? lastRepeated : repeatedBySender.exec(message);
  const count = repeated === null ? 1 : Number(repeated[1]);
  const { action, outcome, parts } = readMessage(rules, isOfSyslog ? message : (repeated?.[2] ?? message));
  const at = formatInstant(micros);
  const fields = {
    ...fieldsOf(line.host, program, pid, parts, text),
    ...(outcome && { outcome }),
    ...(repeated !== null && { collapsed: { count, from: at, until: at } }),
  };
  return { event: { action: `sshd.${action}`, occurredAtMicros: micros, fields } };
}

function fieldsOf(
  host: string,
  program: string,
  pid: string | undefined,
  parts: LineParts,
  original: string,
): MappedEvent["fields"] {
  const { actor, user, address, port, ...rest } = parts;
  const isAddress = address !== undefined && isIP(address) !== 0;
  return {
    actor: actorOf(actor, address, program),
    targets: targetsOf(user, host),
    context: {
      ...(isAddress && { ip: address }),
      ...(pid !== undefined && { sessionId: `${host}/${program}/${pid}` }),
      service: program,
    },
    data: {
      ...{ program, host, ...rest, original },
      ...(pid !== undefined && { pid }),
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port: Number(port) }),
    },
  };
}

/** Whoever fails to log in is not the user that was tried: that one is a target. What nobody outside did, the program did. */
function actorOf(name: string | undefined, address: string | undefined, program: string): Actor {
  if (name !== undefined && name !== "") return { type: "user", id: name };
  return address === undefined ? { type: "service", id: program } : { type: "client" };
}

function targetsOf(user: string | undefined, host: string): readonly Target[] {
  const account: readonly Target[] =
    user === undefined || user === "" ? [] : [{ type: "user", id: user, role: "account" }];
  return [...account, { type: "host", id: host }];
}
