import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  discloseEvidence,
  exportEvidence,
  openEvidence,
  parseDisclosure,
  type ExportEvidenceOptions,
} from "../../src/evidence/index.ts";
import { formatTlogPolicy } from "../../src/integrity/policy.ts";
import { verifyTrail } from "../../src/integrity/verify-trail.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { openWorld, operator, person, recordOrders, traces, type World } from "../erasure/erasing-world.ts";
import { policyFor, publishCheckpoints } from "../erasure/publish-checkpoints.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const order = { reason: "ticket 331", actor: operator };
let world: World;
let directory: string;

beforeEach(async () => {
  world = await openWorld("sqlite");
  directory = temporaryDirectory();
});
afterEach(async () => {
  await world.check();
  await world.close();
});

const origin = async (): Promise<string> => (await world.trail.trails())[0]!.origin;

async function exportTo(name: string, more: Partial<ExportEvidenceOptions> = {}): Promise<string> {
  const file = join(directory, name);
  await exportEvidence({
    evidence: await openStoreEvidence(world.store as never, "default"),
    readKeys: (subjects) => world.store.readSubjectKeys("default", subjects, true),
    policy: formatTlogPolicy(policyFor(await origin())),
    ...(more.directory === undefined ? { file } : {}),
    ...more,
  });
  return file;
}

async function verify(path: string, disclosure?: string) {
  using opened = await openEvidence(path);
  const evidence =
    disclosure === undefined
      ? opened.evidence
      : discloseEvidence(opened.evidence, parseDisclosure(readFileSync(disclosure)));
  const { verdict, counts, findings, positions, lockedParts } = await verifyTrail(
    evidence,
    policyFor(opened.evidence.origin),
  );
  const there = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return {
    verdict,
    counts: there,
    findings,
    lockedParts,
    reasons: [...new Set(positions.map(({ reason }) => reason))],
  };
}

describe("an exported trail", () => {
  beforeEach(async () => {
    await recordOrders(world.trail, 600, 5);
    await publishCheckpoints(world.store);
  });

  test("verifies elsewhere, as a file and as a directory, and tells nobody's name", async () => {
    const file = await exportTo("trail.tar");
    expect(await verify(file)).toEqual({
      verdict: "verified",
      counts: { OK: 600 },
      findings: [],
      lockedParts: 600,
      reasons: [],
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file);
    for (const word of [0, 1, 2, 3, 4].flatMap(traces)) expect(text.includes(word)).toBe(false);
    const unpacked = mkdtempSync(join(directory, "unpacked-"));
    execFileSync("tar", ["-xf", file, "-C", unpacked]);
    const written = join(directory, "written");
    await exportTo("", { directory: written });
    for (const each of [unpacked, written])
      expect(await verify(each)).toMatchObject({ verdict: "verified", counts: { OK: 600 } });
    expect(readdirSync(written).toSorted()).toEqual(readdirSync(unpacked).toSorted());
    await expect(exportTo("trail.tar")).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

  test("opens for whoever has the disclosure, and every part is what was recorded", async () => {
    const disclosure = join(directory, "keys.json");
    const file = await exportTo("trail.tar", { disclosure });
    expect(await verify(file, disclosure)).toEqual({
      verdict: "verified",
      counts: { OK: 600 },
      findings: [],
      lockedParts: 0,
      reasons: [],
    });
    expect(statSync(disclosure).mode & 0o777).toBe(0o600);
    const some = JSON.parse(readFileSync(disclosure, "utf8")) as { keys: Record<string, string> };
    delete some.keys["user/3"];
    writeFileSync(disclosure, JSON.stringify(some));
    expect(await verify(file, disclosure)).toMatchObject({ verdict: "verified", lockedParts: 120 });
    some.keys["user/3"] = some.keys["user/2"]!;
    writeFileSync(disclosure, JSON.stringify(some));
    expect(await verify(file, disclosure)).toMatchObject({
      verdict: "tampered",
      counts: { OK: 480, ALTERED: 120 },
      reasons: ["SEALED_PART_CHANGED"],
    });
    writeFileSync(disclosure, JSON.stringify({ ...some, origin: "other" }));
    await expect(verify(file, disclosure)).rejects.toMatchObject({ code: "VERIFY_ORIGIN_MISMATCH" });
  });

  test("says of everything erased by which entry, live and exported alike", async () => {
    await world.erasure.redact({ ...order, query: "data.number:<300 actor:user/1" });
    await world.erasure.shred({ ...order, subject: "user/2" });
    await world.erasure.prune({ ...order, to: 256 });
    const live = await verifyTrail(await openStoreEvidence(world.store as never, "default"), policyFor(await origin()));
    expect([live.verdict, live.findings]).toEqual(["verified", []]);
    expect(live.counts).toMatchObject({ PRUNED: 256, REDACTED: 9, SHREDDED: 69, ALTERED: 0, MISSING: 0 });
    const { verdict, counts, findings } = await verify(await exportTo("trail.tar"));
    expect([verdict, findings]).toEqual(["verified", []]);
    expect(counts).toMatchObject({ PRUNED: 256, REDACTED: 9, SHREDDED: 69 });
  });

  test("an older copy cannot be opened any more by what is left after shredding", async () => {
    const disclosure = join(directory, "keys.json");
    const before = await exportTo("before.tar");
    await world.erasure.shred({ ...order, subject: "user/2" });
    await exportTo("after.tar", { disclosure });
    expect(Object.keys(parseDisclosure(readFileSync(disclosure)).keys)).not.toContain("user/2");
    expect(await verify(before, disclosure)).toMatchObject({ verdict: "verified", lockedParts: 120 });
    expect(readFileSync(before).includes(person(2).name)).toBe(false);
  });
});

test("a selection shows what was asked for, tells how much it leaves out, and proves what it shows", async () => {
  await recordOrders(world.trail, 600, 5);
  await world.erasure.shred({ ...order, subject: "user/2" });
  await world.erasure.prune({ ...order, to: 256 });
  const file = await exportTo("some.tar", { query: "actor:user/1 OR actor:user/2" });
  expect(await verify(file)).toMatchObject({
    verdict: "verified",
    counts: { OK: 71, PRUNED: 256, SHREDDED: 69, WITHHELD: 206 },
    findings: [],
  });
  const text = readFileSync(file, "latin1");
  expect(text).toContain('\\"id\\":\\"301\\"');
  expect(text).not.toContain('\\"id\\":\\"303\\"');
  using opened = await openEvidence(file);
  expect(opened.evidence.selection).toBe("actor:user/1 OR actor:user/2");
  const { properties } = await verifyTrail(opened.evidence, policyFor(await origin()));
  expect(properties.completeness).toMatchObject({
    established: false,
    open: expect.arrayContaining([expect.stringContaining("206 entries were left out")]),
  });
  expect(properties.inclusion.established).toBe(true);
  const bytes = readFileSync(file);
  const flip = async (at: number) => {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1;
    writeFileSync(file, flipped);
    return (await verify(file)).verdict;
  };
  expect(await flip(bytes.indexOf('\\"id\\":\\"301') + 12)).toBe("tampered");
  expect(await flip(bytes.indexOf("tile/0/002") + 512 + 3)).toBe("tampered");
  await expect(exportTo("bad.tar", { query: "actor:(" })).rejects.toMatchObject({ code: "QUERY_INVALID" });
});

test(
  "a flipped bit anywhere in evidence is caught, or in ciphertext that nobody opened",
  { timeout: 120_000 },
  async () => {
    await recordOrders(world.trail, 3);
    await publishCheckpoints(world.store);
    const file = await exportTo("trail.tar");
    const bytes = readFileSync(file);
    const passed: number[] = [];
    for (let index = 0; index < bytes.length; index += 7) {
      const flipped = Buffer.from(bytes);
      flipped[index]! ^= 1 << (index % 8);
      writeFileSync(file, flipped);
      const { verdict } = await verify(file).catch((error: { code: string }) => ({ verdict: error.code }));
      if (verdict === "verified") passed.push(index);
    }
    // Ciphertext says nothing without its key, and the policy that comes along is not trusted: whoever verifies has their own.
    const [sealed, policy] = ["sealed/", "policy"].map((name) => {
      const start = bytes.indexOf(`${name}`, 0, "latin1");
      return {
        from: start + 512,
        to: start + 512 + Number.parseInt(bytes.toString("latin1", start + 124, start + 135), 8),
      };
    });
    const inside = (index: number): boolean => [sealed!, policy!].some(({ from, to }) => index >= from && index < to);
    expect(
      passed
        .filter((index) => !inside(index))
        .map((index) => [index, bytes.toString("latin1", index - 20, index + 20)]),
    ).toEqual([]);
  },
);

test("without a checkpoint there is nothing to prove, and options are held to what they can be", async () => {
  await recordOrders(world.trail, 3);
  await expect(exportTo("trail.tar")).rejects.toMatchObject({ code: "EVIDENCE_UNSEALED" });
  await publishCheckpoints(world.store);
  await expect(
    exportTo("x.tar", { directory: join(directory, "d"), page: join(directory, "p.html") }),
  ).rejects.toMatchObject({ code: "OPTION_INVALID" });
  const evidence = await openStoreEvidence(world.store as never, "default");
  await expect(exportEvidence({ evidence, readKeys: async () => new Map() })).rejects.toMatchObject({
    code: "OPTION_INVALID",
  });
  await expect(exportTo("y.tar", { readKeys: async () => new Map() })).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(readdirSync(directory)).toEqual([]);
  await expect(openEvidence(join(directory, "none.tar"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
});
