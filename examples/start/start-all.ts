/** Everything that there is to see, on this machine only. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { openDemo, type Demo, type DemoOptions } from "auditrail-example-food-pantry";

import { serveFrontPage, type Place } from "./front-page.ts";
import { openHabitPart, type HabitPart } from "./habit-part.ts";

export interface StartOptions {
  /** Where the examples keep their files. */
  readonly directory: string;
  /** The address of a Postgres database for the trails, each in a schema of its own; in the examples' files unless given. */
  readonly trailAt?: string | undefined;
  /** Of the page that links everything; another free one where it is taken. */
  readonly port?: number;
  readonly smtpUrl?: string | undefined;
  /** How much history the pantry begins with; half a year unless said. */
  readonly history?: DemoOptions["history"];
  readonly say: (line: string) => void;
}

export interface Started {
  /** The page that links everything. */
  readonly url: string;
  readonly places: readonly Place[];
  readonly demo: Demo;
  close(): Promise<void>;
}

export async function startAll({
  directory,
  trailAt,
  port = 7300,
  smtpUrl,
  history,
  say,
}: StartOptions): Promise<Started> {
  const pantryDirectory = join(directory, "pantry");
  mkdirSync(pantryDirectory, { recursive: true });
  const demo = await openDemo({
    directory: pantryDirectory,
    trailAt: inSchema(trailAt, "pantry"),
    smtpUrl,
    say,
    ...(history === undefined ? {} : { history }),
  });
  const habits = await openHabitPart(directory, inSchema(trailAt, "habits"));
  const places = [...placesOf(demo), ...placesOfHabits(habits)];
  const front = await serveFrontPage(places, port);
  return {
    ...{ url: front.url, places, demo },
    close: async () => {
      await front.close();
      await habits.close();
      await demo.close();
    },
  };
}

/** Two examples in one database keep apart by the names of their schemas. */
export function inSchema(trailAt: string | undefined, schema: string): string | undefined {
  if (trailAt === undefined) return undefined;
  const address = new URL(trailAt);
  address.searchParams.set("schema", schema);
  return address.href;
}

function placesOf({ served, mail, people, password, consoleLink }: Demo): Place[] {
  const pantry: Place = {
    title: "The food pantry",
    says: "Orders, vouchers, mails and sign-ins, each with its log. Half a year of history, made by the pantry's own code.",
    url: served.url,
    people: people.map(({ login, is }) => ({ login, is, password })),
  };
  const inbox: Place = {
    title: "Mail of the pantry",
    says: "Where the mails end that the pantry sends. Nothing leaves this machine.",
    url: mail?.inboxUrl ?? "",
  };
  const console: Place = {
    title: "Console of the pantry",
    says: "Everything that was recorded: search, entries, timelines, reports, proofs. Signs you in as the superuser, by a link that is good once.",
    url: served.consoleUrl,
    open: consoleLink,
  };
  return [pantry, console, ...(mail === undefined ? [] : [inbox])];
}

function placesOfHabits({ chatUrl, consoleUrl, consoleLink }: HabitPart): Place[] {
  return [
    {
      title: "The habit bot",
      says: "A Telegram bot that rewards habits, on a Telegram of this machine. Say /start to it, break things, and see what was recorded.",
      url: chatUrl,
    },
    {
      title: "Console of the bot",
      says: "Every command, button, change and failure of the bot, with the state before and after. By a link that is good once.",
      url: consoleUrl,
      open: consoleLink,
    },
  ];
}
