/**
 * Imports the real files of `../shared/data` (beside the repository; see its README) and asks them the questions that an
 * audit trail is for. Every answer is compared with a count made here, straight from the files, without our code.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { defineCatalogue } from "../../src/event/catalogue.ts";
import { createCloudtrailImporter } from "../../src/importers/cloudtrail/cloudtrail-importer.ts";
import { importEvents, type ImportTrail } from "../../src/importers/import-events.ts";
import { openFileSource } from "../../src/importers/import-source.ts";
import type { ImportSummary } from "../../src/importers/import-summary.ts";
import type { Importer } from "../../src/importers/importer.ts";
import { createJsonlImporter } from "../../src/importers/jsonl/jsonl-importer.ts";
import { createMapping } from "../../src/importers/mapping.ts";
import { createSshdImporter } from "../../src/importers/sshd/sshd-importer.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { checkTrails } from "../../src/testing/check-trails.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { suiteDirectory } from "./suite-directory.ts";

const data = join(import.meta.dirname, "../../../../shared/data");
const reason = existsSync(data) ? undefined : `skipped: there is no ${data}, which holds the real files`;
if (reason !== undefined) process.stdout.write(`real-data: ${reason}\n`);

/** The same mapping as in docs/guide/importers.md. */
const mapping = createMapping(
  JSON.stringify({
    log: "repository",
    title: "Repository",
    says: "{actor}: {action} {target}",
    action: "{action}",
    occurredAt: "{at}",
    actor: { type: "user", id: "{actor}" },
    target: { type: "file", id: "{target}" },
    operationId: "{change}",
  }),
  "repository.json",
);

const importers: Readonly<Record<string, Importer>> = {
  "cloudtrail.json": createCloudtrailImporter(),
  "auth.log.gz": createSshdImporter({ year: 2017 }),
  "repository-activity.jsonl.gz": createJsonlImporter(mapping),
};

const openReal = async (file: string) => {
  const logs = Object.values(importers).flatMap((importer) => importer.logs);
  const store = await openSqliteStore({ file, createIfMissing: true, threads: false });
  return { store, trail: await openTrail({ catalogue: defineCatalogue(...logs), store }) };
};

const textOf = (file: string): string => {
  const bytes = readFileSync(join(data, file));
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
};

/** Counts as `[key, count]`, sorted, of whatever has a key. */
function tally<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe.skipIf(reason !== undefined)(`real files${reason === undefined ? "" : ` (${reason})`}`, () => {
  const directory = suiteDirectory();
  let opened: Awaited<ReturnType<typeof openReal>>;
  const summaries = new Map<string, ImportSummary>();

  const importReal = async (file: string) =>
    importEvents({
      importer: importers[file]!,
      source: await openFileSource(join(data, file)),
      trail: opened.trail as unknown as ImportTrail,
    });

  /** What the trail says, in the form of {@link tally}. */
  const count = async (query: string, by: readonly string[], options: object = {}) => {
    const rows = await opened.trail.count(query, { by, ...options });
    return rows
      .map(({ keys, count: number }) => [keys.join(" "), number] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  };

  beforeAll(async () => {
    opened = await openReal(join(directory, "real.db"));
    for (const file of Object.keys(importers)) summaries.set(file, await importReal(file));
  }, 180_000);
  afterAll(() => opened.trail.close());

  test("every record is accounted for, and the trail is whole", async () => {
    expect(summaries.get("cloudtrail.json")).toMatchObject({ read: 2900, recorded: 2900, malformed: 0, conflicts: 0 });
    expect(summaries.get("repository-activity.jsonl.gz")).toMatchObject({
      read: 43_302,
      recorded: 43_302,
      malformed: 0,
      conflicts: 0,
    });
    const lines = textOf("auth.log.gz").trimEnd().split("\n");
    const programOf = (line: string) => /^\w+ +\d+ [\d:]+ \S+ ([^\s:[]+)/.exec(line)![1]!;
    const others = tally(lines, (line) =>
      ["sshd", "sudo", "su"].includes(programOf(line)) ? undefined : programOf(line),
    );
    const { passedBy, ...sshd } = summaries.get("auth.log.gz")!;
    expect(passedBy).toEqual(Object.fromEntries(others));
    const passed = others.reduce((sum, [, number]) => sum + number, 0);
    expect(sshd).toMatchObject({ read: lines.length, recorded: lines.length - passed, malformed: 0, conflicts: 0 });
    expect(await checkTrails(opened.store as never)).toBe(2900 + 43_302 + lines.length - passed);
  }, 60_000);

  interface CloudtrailRecord {
    readonly eventID: string;
    readonly eventTime: string;
    readonly eventName: string;
    readonly errorCode?: string;
    readonly userIdentity: { readonly arn?: string; readonly principalId?: string; readonly accessKeyId?: string };
  }
  const cloudtrail = () => (JSON.parse(textOf("cloudtrail.json")) as { Records: readonly CloudtrailRecord[] }).Records;

  test("whose calls were denied", async () => {
    const denied = new Set(["AccessDenied", "Client.UnauthorizedOperation"]);
    const expected = tally(cloudtrail(), ({ errorCode, userIdentity }) =>
      denied.has(errorCode ?? "") ? (userIdentity.arn ?? userIdentity.principalId) : undefined,
    );
    expect(expected.length).toBeGreaterThan(2);
    expect(await count("log:cloudtrail outcome:denied", ["actor.id"])).toEqual(expected);
    const failed = cloudtrail().filter(({ errorCode }) => errorCode !== undefined).length;
    expect((await count("log:cloudtrail has:error", []))[0]![1]).toBe(failed);
  });

  test("everything that one access key did, in order", async () => {
    const keys = tally(cloudtrail(), ({ userIdentity }) => userIdentity.accessKeyId || undefined);
    for (const [key, number] of [keys.toSorted(([, a], [, b]) => b - a)[0]!, keys.at(-1)!]) {
      const done: string[] = [];
      for await (const { event } of opened.trail.entries(`log:cloudtrail actor.credential:${key}`, {
        order: { direction: "oldest" },
      })) {
        done.push(
          `${event.occurredAt.slice(0, 19)}Z ${event.action.split(".").at(-1)} ${(event.data!["original"] as { eventID: string }).eventID}`,
        );
      }
      const records = cloudtrail().filter(({ userIdentity }) => userIdentity.accessKeyId === key);
      // Within a second CloudTrail has no order: the file's own stands.
      const expected = records.toSorted((a, b) => (a.eventTime < b.eventTime ? -1 : a.eventTime > b.eventTime ? 1 : 0));
      expect(expected).toHaveLength(number);
      expect(done).toEqual(expected.map(({ eventTime, eventName, eventID }) => `${eventTime} ${eventName} ${eventID}`));
    }
  });

  test("who touched one file, and what one change did", async () => {
    interface Activity {
      readonly at: string;
      readonly actor: string;
      readonly action: string;
      readonly target: string;
      readonly change: string;
    }
    const activity = textOf("repository-activity.jsonl.gz")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Activity);
    const [file] = tally(activity, ({ target }) => target).toSorted(([, a], [, b]) => b - a)[0]!;
    const touched = activity.filter(({ target }) => target === file);
    expect(await count(`log:repository target:"file/${file}"`, ["actor.id"])).toEqual(
      tally(touched, ({ actor }) => actor),
    );
    expect(await count(`log:repository target:"file/${file}"`, ["action"])).toEqual(
      tally(touched, ({ action }) => `repository.${action}`),
    );
    const { change } = touched[0]!;
    expect(await count(`operation:${change}`, ["target.id"])).toEqual(
      tally(
        activity.filter((each) => each.change === change),
        ({ target }) => target,
      ),
    );
    const byMonth = await count("log:repository", [], { bucket: "month" });
    expect(byMonth.map(([month, number]) => [month.slice(0, 7), number])).toEqual(
      tally(activity, ({ at }) => new Date(at).toISOString().slice(0, 7)),
    );
  }, 60_000);

  test("failed log-ins by address and by hour", async () => {
    const failed = textOf("auth.log.gz")
      .split("\n")
      .map((line) =>
        /^(\w+) +(\d+) (\d\d):.* sshd\[\d+\]: (?:message repeated \d+ times: \[ )?Failed \w+ for .* from (\S+) port \d+/.exec(
          line,
        ),
      )
      .filter((match) => match !== null);
    expect(failed.length).toBe(717);
    expect(await count("action:sshd.login-failed", ["ip"])).toEqual(tally(failed, ([, , , , address]) => address));
    const month: Readonly<Record<string, string>> = { Mar: "03", Apr: "04" };
    const hours = tally(failed, ([, name, day, hour]) => `2017-${month[name!]}-${day!.padStart(2, "0")}T${hour}`);
    const byHour = await count("action:sshd.login-failed", [], { bucket: "hour" });
    expect(byHour.map(([hour, number]) => [hour.slice(0, 13), number])).toEqual(hours);
    // The brute force that the file's own description tells of: 30 March from 15:50.
    const [rush] = hours.toSorted(([, a], [, b]) => b - a);
    expect(rush![0].slice(0, 10)).toBe("2017-03-30");
    expect((await count("action:sshd.login-accepted", []))[0]![1]).toBe(226);
    expect((await count("action:sshd.user-unknown", []))[0]![1]).toBe(178);
  });

  test("importing again adds nothing", async () => {
    const size = (await opened.trail.trails())[0]!.size;
    for (const file of ["cloudtrail.json", "auth.log.gz"]) {
      expect(await importReal(file)).toMatchObject({
        recorded: 0,
        alreadyThere: summaries.get(file)!.recorded,
        conflicts: 0,
        malformed: 0,
      });
    }
    expect((await opened.trail.trails())[0]!.size).toBe(size);
  }, 60_000);
});
