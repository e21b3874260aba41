/** `npm run fault` lists the long campaigns, of which the tests run a short version; `npm run fault -- NAME` runs one. */

import { parseArgs } from "node:util";

import { killAgainAndAgain, type KillFigures, type KillOptions } from "./killing/kill-again-and-again.ts";
import { restoreAgainAndAgain } from "./killing/restore-backup.ts";
import { storm } from "./postgres/storm.ts";
import { cutPower } from "./power-loss/cut-power.ts";
import { injectEverywhere } from "./power-loss/inject-everywhere.ts";
import { hasStrace, withoutStrace } from "./skip-here.ts";

interface Limits {
  readonly cycles: number;
  readonly seconds: number;
}

interface Campaign {
  readonly says: string;
  readonly needsStrace?: boolean;
  /** Kills, images or runs, unless told otherwise. */
  readonly cycles: number;
  /** Prints figures; answers, or rejects for, whether everything held. */
  run(limits: Limits): Promise<boolean>;
}

const campaigns: Readonly<Record<string, Campaign>> = {
  kill: {
    says: "a process that records and seals is killed at random moments; all is verified after every kill",
    cycles: 10_000,
    run: (limits) => kill({ ...limits, writers: 1 }),
  },
  "kill-one-of-2": {
    says: "the same with another process that writes the same file on and on",
    cycles: 1_000,
    run: (limits) => kill({ ...limits, writers: 2 }),
  },
  "kill-one-of-4": {
    says: "the same with three others",
    cycles: 1_000,
    run: (limits) => kill({ ...limits, writers: 4 }),
  },
  clock: {
    says: "as kill, while the clock jumps by seconds and days, forth and back",
    cycles: 1_000,
    run: async (limits) => {
      console.log("Date.now() jumps, in all threads; system calls are left alone, as libfaketime would not.");
      return kill({ ...limits, writers: 1, clockJumps: true });
    },
  },
  "restored-backup": {
    says: "a backup that was taken meanwhile is put back, recorded into, and continued under a new epoch",
    cycles: 100,
    async run({ cycles, seconds }) {
      const { restored, kept, gone, seconds: took } = await restoreAgainAndAgain(cycles, seconds);
      console.log(`${restored} backups put back in ${took.toFixed(0)} s: never signed over, all verified`);
      console.log(`${kept} acknowledged events kept, ${gone} gone with the databases that were replaced`);
      return true;
    },
  },
  postgres: {
    says: "32 writers, sequencers that are killed, connections that are ended, a Postgres server that is cut off",
    cycles: 20,
    async run({ cycles, seconds }) {
      const figures = await storm({ seconds: Math.min(seconds, 600), events: 10_000, writers: 32, crashes: cycles });
      console.log(figures);
      return figures.problems.length === 0 && figures.missedByNumber > 0;
    },
  },
  "power-loss": {
    says: "every disk that a power cut can leave, at every step of recording and sealing 40 events",
    needsStrace: true,
    cycles: Number.POSITIVE_INFINITY,
    run: cut,
  },
  injected: {
    says: "EIO, ENOSPC and SIGKILL at every write, flush and truncation of database and guard, once and from there on",
    needsStrace: true,
    cycles: Number.POSITIVE_INFINITY,
    async run({ cycles, seconds }) {
      const { planned, runs, happened, acknowledged, refused, failures } = await injectEverywhere(cycles, seconds);
      console.log(`${runs} runs of ${planned}; in ${happened} the fault happened`);
      console.log(`${acknowledged} events acknowledged, ${refused} refused; ${failures.length} runs failed`);
      for (const failure of failures) console.log(failure);
      return failures.length === 0;
    },
  },
};

async function kill(options: KillOptions): Promise<boolean> {
  const tell = ({ cycles, seconds, ...figures }: KillFigures): void =>
    console.log(`${cycles} kills in ${seconds.toFixed(0)} s ${JSON.stringify(figures)}`);
  let told = 0;
  const figures = await killAgainAndAgain({
    ...options,
    onTrailEnd: (each) => {
      if (each.cycles < told + 500) return;
      told = each.cycles;
      tell(each);
    },
  });
  tell(figures);
  console.log("Every acknowledged event is there once; every trail verifies; the signing guard never refused.");
  return true;
}

async function cut({ cycles, seconds }: Limits): Promise<boolean> {
  const full = await cutPower("FULL", 40, cycles, seconds);
  const normal = await cutPower("NORMAL", 40, Math.min(cycles, 400));
  console.log(
    `FULL: ${full.images} images of ${full.steps} steps, ${full.lost} lost an acknowledged event, ${full.damaged.length} damaged`,
  );
  console.log(`NORMAL (positive control): ${normal.images} images, ${normal.lost} lost an acknowledged event`);
  for (const damage of full.damaged) console.log(damage);
  return full.images > 0 && full.lost === 0 && full.damaged.length === 0 && normal.lost > 0;
}

function list(): void {
  console.log("npm run fault -- NAME [--cycles N] [--seconds N]\n");
  for (const [name, { says }] of Object.entries(campaigns)) console.log(`${name.padEnd(17)}${says}`);
}

/** Answers whether everything held. */
async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: { cycles: { type: "string" }, seconds: { type: "string" } },
    allowPositionals: true,
  });
  const [name] = positionals;
  const campaign = name === undefined ? undefined : campaigns[name];
  if (campaign === undefined) {
    list();
    return name === undefined;
  }
  if (campaign.needsStrace === true && !hasStrace) {
    console.log(`${name} cannot run here: ${withoutStrace}.`);
    return false;
  }
  const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY);
  const start = performance.now();
  const isGood = await campaign.run({ cycles: Number(values.cycles ?? campaign.cycles), seconds });
  console.log(`${name}: ${isGood ? "held" : "FAILED"} after ${((performance.now() - start) / 1_000).toFixed(0)} s`);
  return isGood;
}

if (!(await main())) process.exitCode = 1;
