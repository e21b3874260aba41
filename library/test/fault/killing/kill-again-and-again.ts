/**
 * Processes that record and seal, one of them killed again and again at random moments: while it opens the store, takes up
 * what the one before has left, commits, signs, or anything else.
 *
 * Each trail lives for some kills, then there is a new one, so that beginnings are met as often as growing. Where there is one
 * process, everything is verified after every kill; where others go on writing, what is there is verified while they do,
 * and everything at the trail's end.
 */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

import { openSqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import type { BundledProgram } from "../bundled-program.ts";
import { createRandom } from "../random.ts";
import { copyPlace, makePlace, openScratchPlace, type SealedPlace } from "../sealed-place.ts";
import { verifyPlace, verifyTrails, type Acknowledged } from "../verify-place.ts";
import { bundleRecorder, startRecorder, type Recorder, type RecorderEnd } from "./recorder.ts";

export interface KillOptions {
  /** Ends after so many kills or so many seconds, whichever comes first. */
  readonly cycles: number;
  readonly seconds: number;
  /** Processes on one file at a time. */
  readonly writers: number;
  /** The clock of all of them jumps. */
  readonly clockJumps?: boolean;
  readonly seed?: number;
  readonly onTrailEnd?: (figures: KillFigures) => void;
}

export interface KillFigures {
  cycles: number;
  /** How many of the processes were killed before they had opened the store. */
  whileOpening: number;
  /** And how many of them left something signed that was not published yet. Looked at only where one process writes. */
  whilePublishing: number;
  trails: number;
  verifications: number;
  acknowledged: number;
  entries: number;
  checkpoints: number;
  seconds: number;
}

interface Run extends KillOptions {
  readonly program: BundledProgram;
  readonly random: () => number;
  readonly figures: KillFigures;
  readonly isOver: () => boolean;
}

const killsPerTrail = 10;

/** Rejects with an `AssertionError` for the first thing that does not hold; the place is then left for whoever looks into it. */
export async function killAgainAndAgain(options: KillOptions): Promise<KillFigures> {
  using program = await bundleRecorder();
  const start = performance.now();
  const figures: KillFigures = {
    ...{ cycles: 0, whileOpening: 0, whilePublishing: 0, trails: 0, verifications: 0 },
    ...{ acknowledged: 0, entries: 0, checkpoints: 0, seconds: 0 },
  };
  const random = createRandom(options.seed ?? 1);
  const isOver = (): boolean => {
    figures.seconds = (performance.now() - start) / 1_000;
    return figures.cycles >= options.cycles || figures.seconds >= options.seconds;
  };
  while (!isOver()) {
    await liveOneTrail({ ...options, program, random, figures, isOver });
    options.onTrailEnd?.(figures);
  }
  return figures;
}

async function liveOneTrail(run: Run): Promise<void> {
  const { figures, writers } = run;
  const directory = mkdtempSync(join(tmpdir(), "auditrail-killed-"));
  const place = makePlace(directory);
  const others = Array.from({ length: writers - 1 }, () => start(run, place));
  let victim = start(run, place);
  try {
    for (const other of others) other.go();
    const acknowledged: Acknowledged[] = [];
    const last = figures.cycles + killsPerTrail;
    while (figures.cycles < last && !run.isOver()) {
      const end = await killAtRandom(run, victim);
      // The next one loads while this one's trail is verified.
      victim = start(run, place);
      acknowledged.push(...end.acknowledged);
      figures.cycles += 1;
      if (!end.isOpened) figures.whileOpening += 1;
      if (others.length === 0) await verifyAlone(run, place, acknowledged);
      else await verifyLive(run, place, others[0]!);
    }
    for (const other of others) acknowledged.push(...(await endByItself(other)));
    await victim.kill();
    await verifyEnd(run, place, acknowledged);
  } catch (error) {
    throw new Error(`After ${figures.cycles} kills, in ${directory}`, { cause: error });
  } finally {
    await Promise.all([victim, ...others].map((recorder) => recorder.kill()));
  }
  rmSync(directory, { recursive: true });
}

const waysToRecordAtOnce = [1, 1, 4, 50];

function start({ program, random, clockJumps, writers }: Run, place: SealedPlace): Recorder {
  const atOnce = writers > 1 ? 3 : waysToRecordAtOnce[Math.floor(random() * waysToRecordAtOnce.length)]!;
  // A store with threads takes longer to open and is what applications have; both get their share.
  const task = { ...place, atOnce, threads: random() < 0.5, sealEveryMs: 10 };
  return startRecorder(program, task, clockJumps === true ? 7 : undefined);
}

async function killAtRandom({ random }: Run, victim: Recorder): Promise<RecorderEnd> {
  await victim.told("LOADED");
  victim.go();
  const moment = random();
  if (moment < 0.2) await sleep(random() * 60);
  else {
    await victim.told("OPEN");
    // At the very moment of an acknowledgement; while it signs, which takes most of a round; or at any other.
    if (moment < 0.45) await victim.told("ACK", 1 + Math.floor(random() * 20));
    else if (moment < 0.7) await victim.told("SIGNED");
    await sleep(random() * (moment < 0.45 ? 1 : moment < 0.7 ? 15 : 60));
  }
  const end = await victim.kill();
  assert.deepEqual([end.signal, end.complaints], ["SIGKILL", []], "it recorded and sealed until it was killed");
  return end;
}

/** With what the next process would sign; in a copy, so that the next one finds things as they were left. */
async function verifyAlone(run: Run, place: SealedPlace, acknowledged: readonly Acknowledged[]): Promise<void> {
  using copy = openScratchPlace();
  copyPlace(place, copy);
  if (hasUnpublished(copy)) run.figures.whilePublishing += 1;
  const { lost } = await verifyPlace(copy, acknowledged, { sign: true, quick: true });
  assert.deepEqual(lost, [], "what was acknowledged is there");
  run.figures.verifications += 1;
}

/** Whether something was signed that has not reached the store and the anchor trail. */
function hasUnpublished({ guard }: SealedPlace): boolean {
  if (!existsSync(guard)) return false;
  const database = new DatabaseSync(guard);
  try {
    const hasTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'guard'").get() !== undefined;
    return hasTable && database.prepare("SELECT 1 FROM guard WHERE published = 0").get() !== undefined;
  } finally {
    database.close();
  }
}

/** Now and then, while the others go on. */
async function verifyLive(run: Run, place: SealedPlace, other: Recorder): Promise<void> {
  if (run.random() < 0.7) return;
  await other.told("OPEN");
  const store = await openSqliteStore({ file: place.file, readOnly: true, threads: false });
  try {
    await verifyTrails(store as never, place);
  } finally {
    await store.close();
  }
  run.figures.verifications += 1;
}

async function endByItself(recorder: Recorder): Promise<readonly Acknowledged[]> {
  await recorder.told("OPEN");
  const { code, signal, complaints, acknowledged } = await recorder.end();
  assert.deepEqual([code, signal, complaints], [0, null, []], "the others recorded and sealed to their end");
  return acknowledged;
}

async function verifyEnd({ figures }: Run, place: SealedPlace, acknowledged: readonly Acknowledged[]): Promise<void> {
  const { lost, entries, checkpoints } = await verifyPlace(place, acknowledged, { sign: true });
  assert.deepEqual(lost, [], "what was acknowledged is there");
  figures.verifications += 1;
  figures.trails += 1;
  figures.acknowledged += acknowledged.length;
  figures.entries += entries;
  figures.checkpoints += checkpoints;
}
