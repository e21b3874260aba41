import { expect, test } from "vitest";

import { formatInstant, parseInstant } from "../../base/time.ts";
import type { Reading, SourceRecord } from "../importer.ts";
import { createSshdImporter, type SshdImporterOptions } from "./sshd-importer.ts";

interface Read {
  readonly readings: readonly Reading[];
  readonly notes: readonly string[];
}

async function read(
  lines: readonly string[],
  options: SshdImporterOptions = {},
  writtenAt = "2026-03-01T00:00:00Z",
): Promise<Read> {
  async function* chunks() {
    yield Buffer.from(`${lines.join("\n")}\n`);
  }
  const notes: string[] = [];
  const records: SourceRecord[] = [];
  const facts = { writtenAtMicros: parseInstant(writtenAt), note: (text: string) => void notes.push(text) };
  for await (const batch of createSshdImporter(options).records(chunks(), facts)) records.push(...batch);
  return { readings: records.map((record) => record.read()), notes };
}

const timesOf = ({ readings }: Read) =>
  readings.map((reading) =>
    "event" in reading ? formatInstant(reading.event.occurredAtMicros).slice(0, 19) : undefined,
  );
const at = (time: string, message = "Server listening on :: port 22.") => `${time} host sshd[1]: ${message}`;

test("without a year, every line has the latest year that is not in the future of the file", async () => {
  const run = await read([at("Dec 31 23:59:59"), at("Jan  1 00:00:00"), at("Feb 28 23:00:00")]);
  expect(timesOf(run)).toEqual(["2025-12-31T23:59:59", "2026-01-01T00:00:00", "2026-02-28T23:00:00"]);
  expect(run.notes).toHaveLength(1);
  expect(run.notes[0]).toContain("no years");
});

test("a log of more than a year without a year is noticed", async () => {
  const run = await read([at("Apr  1 00:00:00"), at("Feb  1 00:00:00"), at("Apr  1 00:00:00")]);
  expect(run.notes.at(-1)).toContain("longer than a year");
});

test("with a year, it counts on at every New Year", async () => {
  const lines = ["Nov  1", "Dec 31", "Jan  1", "Dec 31", "Jan  1", "Dec  2", "Jan 10"].map((day) =>
    at(`${day} 12:00:00`),
  );
  expect(timesOf(await read(lines, { year: 2017 })).map((time) => time!.slice(0, 4))).toEqual([
    "2017",
    "2017",
    "2018",
    "2017",
    "2018",
    "2017",
    "2018",
  ]);
  const slow = ["Nov  1", "Feb  1", "Jun  1", "Nov  1", "Jan  1"].map((day) => at(`${day} 12:00:00`));
  expect(timesOf(await read(slow, { year: 2017 })).map((time) => time!.slice(0, 4))).toEqual([
    "2017",
    "2018",
    "2018",
    "2018",
    "2019",
  ]);
});

test("29 February belongs to a leap year", async () => {
  expect(timesOf(await read([at("Feb 29 12:00:00")]))).toEqual(["2024-02-29T12:00:00"]);
});

test("times are read in the zone of the log; those that have an offset need neither zone nor year", async () => {
  const lines = [at("Jul  1 12:00:00"), at("Dec  1 12:00:00"), at("2026-01-01T12:00:00.123456+05:00")];
  const options = { year: 2025, zone: "Europe/Bucharest" };
  expect(timesOf(await read(lines, options))).toEqual([
    "2025-07-01T09:00:00",
    "2025-12-01T10:00:00",
    "2026-01-01T07:00:00",
  ]);
  expect((await read([lines[2]!])).notes).toEqual([]);
});

test("a failed log-in is of nobody known, on the account that was tried", async () => {
  const line = "Mar 30 13:40:12 web sshd[77]: Failed password for invalid user oracle from 192.0.2.1 port 56416 ssh2";
  const { readings } = await read([line], { year: 2017 });
  expect(readings[0]).toEqual({
    event: {
      action: "sshd.login-failed",
      occurredAtMicros: Date.UTC(2017, 2, 30, 13, 40, 12) * 1000,
      fields: {
        actor: { type: "client" },
        targets: [
          { type: "user", id: "oracle", role: "account" },
          { type: "host", id: "web" },
        ],
        outcome: "failure",
        context: { ip: "192.0.2.1", sessionId: "web/sshd/77", service: "sshd" },
        data: {
          program: "sshd",
          host: "web",
          pid: "77",
          user: "oracle",
          port: 56_416,
          method: "password",
          protocol: "ssh2",
          original: line,
        },
      },
    },
  });
});

test("a repeated message is one event that says how often", async () => {
  const { readings } = await read([
    at("Mar 30 13:40:12", "message repeated 5 times: [ Failed password for root from 192.0.2.1 port 1 ssh2]"),
    at("Mar 30 13:40:13", "Failed password for ann from 192.0.2.1 port 1 ssh2"),
    "Mar 30 13:40:20 host last message repeated 2 times",
    "Mar 30 13:40:20 host CRON[5]: something",
    "Mar 30 13:40:21 host last message repeated 3 times",
  ]);
  expect(readings[0]).toMatchObject({
    event: { action: "sshd.login-failed", fields: { collapsed: { count: 5 }, data: { user: "root" } } },
  });
  expect(readings[2]).toMatchObject({
    event: { action: "sshd.login-failed", fields: { collapsed: { count: 2 }, data: { user: "ann" } } },
  });
  expect(readings[4]).toEqual({ passedBy: "CRON" });
});

test("lines of other programs are passed by under their name; lines that are none are malformed", async () => {
  const { readings } = await read([
    "Mar 30 13:40:20 host CRON[5]: (root) CMD (true)",
    "\0\0\0\0Mar 30 13:40:20 host sshd[5]: x",
    "Xyz 30 13:40:20 host sshd[5]: x",
    "Mar 32 13:40:20 host sshd[5]: x",
    "Mar 30 25:40:20 host sshd[5]: x",
    "<86>Mar 30 13:40:20 host sshd[5]: x",
  ]);
  expect(
    readings.map((reading) =>
      "passedBy" in reading ? reading.passedBy : "malformed" in reading ? "malformed" : reading.event.action,
    ),
  ).toEqual([...["CRON", "malformed", "malformed", "malformed", "malformed", "sshd.other"]]);
});

test("a name in another encoding is kept, byte for byte", async () => {
  async function* chunks() {
    yield Buffer.concat([
      Buffer.from("Mar 30 13:40:20 host sshd[5]: Invalid user "),
      Buffer.from([0xe9, 0xff]),
      Buffer.from(" from 192.0.2.1\n"),
    ]);
  }
  for await (const [record] of createSshdImporter({ year: 2020 }).records(chunks(), { note: () => undefined })) {
    expect(record!.read()).toMatchObject({ event: { fields: { data: { user: String.raw`\xe9\xff` } } } });
  }
});

test("refuses years and zones that are none", () => {
  expect(() => createSshdImporter({ year: 17 })).toThrow("1970");
  expect(() => createSshdImporter({ zone: "Mars" })).toThrow("Mars");
});
