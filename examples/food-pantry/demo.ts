/** A pantry to look at: half a year of history, a mail server of this machine, and people whose password is known. */

import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { readPerson } from "./domain/people.ts";
import { openLocalMail, type LocalMail } from "./mail/local-mail.ts";
import { seedPantry, type SeedOptions } from "./seed/half-year.ts";
import { demoPassword } from "./seed/visits.ts";
import { servePantry, type ServedPantry } from "./serve-pantry.ts";

export interface DemoOptions {
  /** Where the pantry's files are; they stay there. */
  readonly directory: string;
  /** The address of a Postgres database for the trail; in the pantry's file unless given. */
  readonly trailAt?: string | undefined;
  readonly port?: number;
  readonly inboxPort?: number;
  /** How much history is made where there is none; 120 participants and 26 weeks unless said. */
  readonly history?: { readonly participants: number; readonly weeks: number };
  /** A real mail server instead of this machine's. */
  readonly smtpUrl?: string | undefined;
  /** Told while the history is being made, which takes some seconds the first time. */
  readonly say?: (line: string) => void;
}

export interface Demo {
  readonly served: ServedPantry;
  /** None where mail goes to a real server. */
  readonly mail: LocalMail | undefined;
  /** A link that brings the superuser into the console, once. */
  readonly consoleLink: () => string;
  /** The same password for all of them. */
  readonly people: readonly { readonly login: string; readonly is: string }[];
  readonly password: string;
  close(): Promise<void>;
}

const noticeKey = "notices-of-the-local-mail-server";

export async function openDemo({
  directory,
  trailAt,
  port = 0,
  history,
  inboxPort = 0,
  smtpUrl,
  say = () => undefined,
}: DemoOptions): Promise<Demo> {
  const file = join(directory, "pantry.db");
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (existsSync(file)) sayWhereHistoryEnds(file, zone, say);
  else await makeHistory({ file, trailAt, zone, ...history }, say);
  let pantryUrl = "";
  const onNotice = async (messageId: string, delivery: string): Promise<void> => {
    const headers = { authorization: `Bearer ${noticeKey}`, "content-type": "application/json" };
    await fetch(`${pantryUrl}mail-notices`, { method: "POST", headers, body: JSON.stringify({ messageId, delivery }) });
  };
  const mail = smtpUrl === undefined ? await openLocalMail({ inboxPort, onNotice }) : undefined;
  const served = await servePantry({ file, trailAt, zone, port, noticeKey, smtpUrl: smtpUrl ?? mail!.smtpUrl });
  pantryUrl = served.url;
  const ana = served.pantry.sql
    .get`SELECT voucher.participant AS login FROM voucher JOIN participant ON participant.number = voucher.participant
    WHERE state = 'applied' AND kind = 'grocery' AND program = 'Neighbourhood' AND active = 1
      AND NOT EXISTS (SELECT 1 FROM customerOrder WHERE customerOrder.participant = voucher.participant
        AND customerOrder.state IN ('pending', 'confirmed', 'packing'))
    GROUP BY voucher.participant ORDER BY count(*) DESC, voucher.participant LIMIT 1` as { login: string } | undefined;
  return {
    ...{ served, mail, password: demoPassword },
    consoleLink: () => served.desk.linkFor(readPerson(served.pantry, "tomas")),
    people: [
      ...(ana === undefined ? [] : [{ login: ana.login, is: "a participant, who shops" }]),
      { login: "mira", is: "staff" },
      { login: "tomas", is: "superuser, who also reads restricted logs" },
    ],
    close: async () => {
      await served.close();
      await mail?.close();
    },
  };
}

/** What was made another day has no today: its reports would be empty without a word. */
function sayWhereHistoryEnds(file: string, zone: string, say: (line: string) => void): void {
  const dayIn = new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
  const database = new DatabaseSync(file, { readOnly: true });
  const sql = `SELECT max(at) AS last FROM (
    SELECT max(placedAt) AS at FROM customerOrder UNION ALL SELECT max(createdAt) FROM voucher)`;
  const { last } = database.prepare(sql).get() as { last: string | null };
  database.close();
  if (last === null || dayIn.format(new Date(last)) >= dayIn.format(new Date())) return;
  say(
    `The pantry's history ends on ${dayIn.format(new Date(last))}, so "today" is empty until somebody does something.`,
  );
  say("A history that is made anew ends today: end this, delete the directory of the demo, and start again.");
}

/** Under another name until it is whole: who interrupts it begins anew. */
async function makeHistory({ file, ...seed }: SeedOptions, say: (line: string) => void): Promise<void> {
  const making = `${file}.making`;
  for (const ending of ["", "-wal", "-shm"]) rmSync(making + ending, { force: true });
  say("Half a year of a food pantry is being lived through, which takes a moment …");
  await seedPantry({
    ...{ ...seed, file: making },
    onWeek: (week, weeks) => (week % 5 === 0 ? say(`  week ${week} of ${weeks}`) : undefined),
  });
  renameSync(making, file);
}
