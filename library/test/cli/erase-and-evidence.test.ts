/** Erasing, holds and evidence from the command line, from the first key to the last proof. */

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { jsonLines, runCli } from "./run-cli.ts";

let directory: string;
const run = (...args: readonly string[]) => runCli(args, { directory });
const why = ["--reason", "ticket 331", "--actor", "user/dpo"] as const;

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }, `auditrail ${args.join(" ")}`).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

beforeEach(async () => {
  directory = temporaryDirectory();
  await succeed("init");
  await succeed("keys", "new");
  for (const id of ["1", "2"]) {
    await succeed(
      "record",
      "order.placed",
      "--actor",
      `user/${id}`,
      "--actor-name",
      `Zquexwel${id} Vykol`,
      "--target",
      `order/${id}`,
    );
  }
});

/** What `auditrail verify` says of the store. */
async function counts(...path: readonly string[]): Promise<Record<string, number>> {
  const { code, stdout } = await run("verify", ...path, "--keys", "auditrail.keys", "--tenant", "default", "--json");
  const [report] = jsonLines(stdout) as [{ verdict: string; counts: Record<string, number> }];
  expect([code, report.verdict]).toEqual([0, "verified"]);
  return Object.fromEntries(Object.entries(report.counts).filter(([, count]) => count > 0));
}

describe("erase", () => {
  test("shreds a subject, and the trail says so and verifies", async () => {
    expect(await succeed("erase", "shred", "user/1", ...why)).toContain(
      "✓ Erased 1 part of personal data; entry 2 says so",
    );
    expect(await succeed("show", "0")).not.toContain("Zquexwel1");
    expect((await run("query", "Zquexwel1")).stderr).toBe("Nothing matches.\n");
    expect(readFileSync(join(directory, "auditrail.db")).includes("Zquexwel1")).toBe(false);
    expect(await counts()).toEqual({ OK: 2, SHREDDED: 1 });
  });

  test("redacts entries, and has nothing to do the second time", async () => {
    expect(await succeed("erase", "redact", "--entry", "1", ...why)).toContain("entry 2 says so");
    expect(await succeed("erase", "redact", "actor:user/2", ...why)).toBe(
      "There is nothing to erase: nothing was recorded or removed.\n",
    );
    expect(jsonLines(await succeed("erase", "redact", "actor:user/1", ...why, "--json", "--no-compact"))).toEqual([
      { announcedBy: [3], entries: 0, parts: 1, compacted: false },
    ]);
    expect(await succeed("erase", "resume")).toBe("default  entry 3  done\n");
    expect(await succeed("erase", "resume")).toBe("Everything that was announced is done.\n");
    expect(await counts()).toEqual({ OK: 2, REDACTED: 2 });
  });

  test("refuses what a hold covers, until it is released", async () => {
    expect(await succeed("hold", "user/1", "--name", "case-7", ...why)).toBe(
      "✓ Legal hold case-7 is on user/1; entry 2 says so\n",
    );
    expect(await succeed("hold", "--list")).toMatch(/case-7\s+user\/1\s+2/);
    const refused = await run("erase", "shred", "user/1", ...why);
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining("ERASURE_HELD")]);
    expect(await succeed("erase", "shred", "user/2", ...why)).toContain("Erased 1 part");
    expect(await succeed("hold", "--release", "case-7", ...why)).toBe("✓ Released legal hold case-7\n");
    expect((await run("hold", "--list")).stderr).toBe("No legal hold is in force.\n");
    expect((await run("hold", "--release", "case-7", ...why)).stderr).toContain("HOLD_NOT_FOUND");
    expect(await succeed("erase", "shred", "user/1", ...why)).toContain("Erased 1 part");
    expect(await counts()).toMatchObject({ SHREDDED: 2 });
  });

  test("prunes nothing where there is no whole tile, and says how commands are to be given", async () => {
    expect(await succeed("erase", "prune", "--before", "2030-01-01", ...why)).toContain("nothing to erase");
    for (const wrong of [
      ["prune"],
      ["prune", "--to", "1", "--before", "2030-01-01"],
      ["redact"],
      ["redact", "--entry", "1", "actor:user/1"],
    ]) {
      const { code, stderr } = await run("erase", ...wrong, ...why);
      expect([code, stderr], `erase ${wrong.join(" ")}`).toEqual([64, expect.stringContaining("USAGE_INVALID")]);
    }
    expect((await run("erase", "shred", "user/1")).stderr).toContain("--reason");
    expect((await run("hold", "user/1")).stderr).toContain("A hold needs a reason");
  });
});

describe("export --evidence", () => {
  test("writes a file that verify accepts elsewhere, a page, and the keys for whom it is meant", async () => {
    expect((await run("export", "--evidence", "early.tar")).stderr).toContain("EVIDENCE_UNSEALED");
    await succeed("trail", "checkpoint");
    const said = await succeed("export", "--evidence", "trail.tar", "--page", "trail.html", "--disclose", "keys.json");
    expect(said).toContain("✓ 2 of 2 entries in trail.tar");
    expect(readFileSync(join(directory, "trail.tar")).includes("Zquexwel")).toBe(false);
    expect(statSync(join(directory, "trail.html")).size).toBeGreaterThan(50_000);
    expect(await counts("trail.tar")).toEqual({ OK: 2 });
    expect(await counts("trail.tar", "--disclosure", "keys.json")).toEqual({ OK: 2 });
    const bytes = readFileSync(join(directory, "trail.tar"));
    bytes[bytes.indexOf("order.placed")]! ^= 1;
    writeFileSync(join(directory, "trail.tar"), bytes);
    expect((await run("verify", "trail.tar", "--keys", "auditrail.keys")).code).toBe(2);
  });

  test("shows a selection where a query is given", async () => {
    await succeed("trail", "checkpoint");
    expect(await succeed("export", "actor:user/2", "--evidence", "some.tar")).toContain("✓ 1 of 2 entries");
    expect(await counts("some.tar")).toEqual({ OK: 1, WITHHELD: 1 });
    expect((await run("export", "--page", "x.html")).stderr).toContain("USAGE_INVALID");
  });
});
