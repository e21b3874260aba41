/**
 * What staff ask the habit bot's trail, as words of a command line:
 *
 *     timeline PERSON [--hours 24]
 *     trace-reward PERSON REWARD
 *     clean-up --reason TEXT --by WHO [--days 90] [--keys FILE]
 *
 * All take `--file FILE`, or HABIT_BOT_FILE, and AUDITRAIL_STORE where the trail is in Postgres. Answers 1 where a trace does not add up, 2 on a mistake.
 */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

import { openErasure } from "auditrail/erasure";
import { createKeyFile, openKeyFile, openSealing } from "auditrail/sealing";

import { openWorld, trailAddress, type OpenWorld } from "../open-world.ts";
import { cleanUp } from "./clean-up.ts";
import { tellTimeline, tellTrace } from "./tell.ts";
import { timelineOf } from "./timeline.ts";
import { traceReward } from "./trace-reward.ts";

const usage = `timeline PERSON [--hours 24] | trace-reward PERSON REWARD | clean-up --reason TEXT --by WHO [--days 90]`;

const options = {
  file: { type: "string" },
  hours: { type: "string", default: "24" },
  days: { type: "string", default: "90" },
  reason: { type: "string" },
  by: { type: "string" },
  keys: { type: "string" },
} as const;

interface Asked {
  readonly values: Readonly<Record<keyof typeof options, string | undefined>>;
  readonly positionals: readonly string[];
  readonly print: (text: string) => void;
}

class Usage extends Error {}

function number(name: string, text: string | undefined): number {
  const value = Number(text);
  if (text !== undefined && Number.isSafeInteger(value) && value > 0) return value;
  throw new Usage(`${name} has to be a whole number above zero, not ${text ?? "nothing"}`);
}

function given(name: string, text: string | undefined): string {
  if (text !== undefined && text !== "") return text;
  throw new Usage(`say --${name}`);
}

async function timeline({ world }: OpenWorld, { values, positionals, print }: Asked): Promise<number> {
  const person = number("PERSON", positionals[1]);
  const hours = number("--hours", values.hours);
  print(tellTimeline(await timelineOf(world.trail, { person, hours, nowMicros: world.clock.nowMicros() })));
  return 0;
}

async function trace({ world }: OpenWorld, { positionals, print }: Asked): Promise<number> {
  const [person, reward] = [number("PERSON", positionals[1]), number("REWARD", positionals[2])];
  const traced = await traceReward({ ...world, person, reward });
  print(tellTrace(traced));
  return traced.problem === undefined ? 0 : 1;
}

/** What is removed has to be announced in a signed checkpoint first, so this needs a key; one is made where there is none. */
async function clean({ world, store }: OpenWorld, { values, print }: Asked): Promise<number> {
  const reason = given("reason", values.reason);
  const actor = { type: "staff", id: given("by", values.by) };
  const days = number("--days", values.days);
  const keyFile = values.keys ?? `${fileOf(values)}.keys`;
  const { keys } = existsSync(keyFile) ? openKeyFile(keyFile) : createKeyFile(keyFile, { name: store.origin });
  const sealing = openSealing({ store, record: world.trail.record, keys, guard: `${keyFile}.guard`, intervalMs: 0 });
  try {
    const erasure = await openErasure({ trail: world.trail, store, checkpoint: () => sealing.checkpointNow() });
    const { habitLogs, entries } = await cleanUp({ world, erasure, days, actor, reason });
    print(`Removed ${habitLogs} habit logs and ${entries} entries of the trail.`);
    return 0;
  } finally {
    await sealing.close();
  }
}

const fileOf = (values: Asked["values"]): string => given("file", values.file ?? process.env["HABIT_BOT_FILE"]);

async function answer(words: readonly string[], print: (text: string) => void): Promise<number> {
  const asked: Asked = {
    ...(parseArgs({ args: [...words], options, allowPositionals: true }) as never as Asked),
    print,
  };
  const verb = { timeline, "trace-reward": trace, "clean-up": clean }[asked.positionals[0] ?? ""];
  if (verb === undefined) throw new Usage(usage);
  const file = fileOf(asked.values);
  if (!existsSync(file)) throw new Usage(`there is no ${file}`);
  const opened = await openWorld({ file, trailAt: trailAddress() });
  try {
    return await verb(opened, asked);
  } finally {
    await opened.close();
  }
}

export interface Printing {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Runs a command; answers the exit code. */
export async function runCommand(words: readonly string[], { print, complain }: Printing): Promise<number> {
  try {
    return await answer(words, print);
  } catch (error) {
    complain(`habit-bot: ${(error as Error).message}`);
    return 2;
  }
}
