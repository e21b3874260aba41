/**
 * An older copy of the database is put back under processes that record and seal: what was signed since is not
 * signed over, recording goes on, and the trail is whole again after `auditrail trail new-epoch`.
 */

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { backup, DatabaseSync } from "node:sqlite";

import { createEnvironment } from "../../../src/cli/environment.ts";
import { main } from "../../../src/cli/main.ts";
import type { BundledProgram } from "../bundled-program.ts";
import { makePlace, type SealedPlace } from "../sealed-place.ts";
import { verifyPlace, type Acknowledged, type VerifiedPlace } from "../verify-place.ts";
import { bundleRecorder, startRecorder, type Recorder } from "./recorder.ts";

export interface RestoreFigures {
  restored: number;
  /** Of all that was acknowledged: kept, and gone with the database that was replaced. */
  kept: number;
  gone: number;
  seconds: number;
}

/** Rejects with an `AssertionError` for the first thing that does not hold. */
export async function restoreAgainAndAgain(times: number, seconds: number): Promise<RestoreFigures> {
  using program = await bundleRecorder();
  const start = performance.now();
  const figures = { restored: 0, kept: 0, gone: 0, seconds: 0 };
  while (figures.restored < times && figures.seconds < seconds) {
    const directory = mkdtempSync(join(tmpdir(), "auditrail-restored-"));
    const { kept, gone } = await restoreOnce(program, makePlace(directory), figures.restored);
    rmSync(directory, { recursive: true });
    figures.restored += 1;
    figures.kept += kept;
    figures.gone += gone;
    figures.seconds = (performance.now() - start) / 1_000;
  }
  return figures;
}

async function restoreOnce(program: BundledProgram, place: SealedPlace, round: number) {
  const run = (): Recorder => {
    const task = { ...place, atOnce: 1 + (round % 3), threads: round % 2 === 0, sealEveryMs: 10 };
    const recorder = startRecorder(program, task);
    recorder.go();
    return recorder;
  };
  const backedUp = await recordAndBackUp(run(), place);
  restore(place);

  // The second process is refused to sign, records all the same, and is killed at that.
  const second = run();
  await second.told("UNSEALED");
  await second.told("ACK", second.acknowledged().length + 10);
  const refused = await second.kill();
  assert.match(refused.complaints.join("; "), /^UNSEALED( SIGNING_REFUSED){2,3}$/);
  const kept = [...backedUp.kept, ...refused.acknowledged];
  assertKept(await verifyPlace(place, kept), "while signing is refused");

  await runCommand(place, 0, "trail", "new-epoch", "--reason", "backup put back");
  const third = run();
  await third.told("SIGNED");
  await third.told("ACK", 10);
  const { code, complaints, acknowledged } = await third.end();
  assert.deepEqual([code, complaints], [0, []], "sealing goes on in the new epoch");
  kept.push(...acknowledged);
  const verified = await verifyPlace(place, kept, { sign: true });
  assertKept(verified, "in the new epoch");
  const epochs = verified.reports["default"]!.epochs.map(({ epoch, continues }) => ({ epoch, continues }));
  assert.deepEqual(epochs, [{ epoch: 2, continues: false }], "the report says that something signed is gone");
  await runCommand(place, 0, "verify");
  return { kept: kept.length, gone: backedUp.gone };
}

/** What of the first process is in the backup: all that it had acknowledged before, and maybe more. */
async function recordAndBackUp(first: Recorder, place: SealedPlace) {
  await first.told("SIGNED");
  await first.told("ACK", 20);
  const before = first.acknowledged();
  const database = new DatabaseSync(place.file, { readOnly: true });
  await backup(database, backupOf(place), { rate: 1_000_000 });
  database.close();
  await first.told("ACK", first.acknowledged().length + 20);
  await signedOften(first);
  const { acknowledged, complaints } = await first.kill();
  assert.deepEqual(complaints, [], "it recorded and sealed until it was killed");
  const sizes = readSizes(backupOf(place));
  const kept = acknowledged.filter(({ tenant, seq }) => seq < (sizes.get(tenant) ?? 0));
  const missing = before.filter(({ id }) => !kept.some((each) => each.id === id));
  assert.deepEqual(missing, [], "a backup has what was acknowledged before it");
  return { kept, gone: acknowledged.length - kept.length };
}

/** So often that a round has begun and ended since. */
async function signedOften(recorder: Recorder): Promise<void> {
  await recorder.told("SIGNED", recorder.count("SIGNED") + 2);
}

function backupOf({ file }: SealedPlace): string {
  return `${file}.backup`;
}

function readSizes(file: string): ReadonlyMap<string, number> {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT tenant, size FROM auditrail_trail").all();
  database.close();
  return new Map(rows.map(({ tenant, size }) => [tenant as string, Number(size)]));
}

function restore(place: SealedPlace): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(place.file + suffix, { force: true });
  copyFileSync(backupOf(place), place.file);
}

function assertKept({ lost }: VerifiedPlace, when: string): void {
  assert.deepEqual(lost, [] satisfies Acknowledged[], `what was acknowledged is there ${when}`);
}

async function runCommand({ file, keyFile, guard }: SealedPlace, expected: number, ...args: string[]): Promise<void> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = { AUDITRAIL_STORE: file, AUDITRAIL_KEYS: keyFile, AUDITRAIL_GUARD: guard };
  const environment = createEnvironment({ stdin: new PassThrough(), stdout, stderr, env, zone: "UTC" });
  const code = await main(args, environment);
  const said = `${String(stdout.read() ?? "")}${String(stderr.read() ?? "")}`;
  assert.equal(code, expected, `auditrail ${args.join(" ")}: ${said}`);
}
