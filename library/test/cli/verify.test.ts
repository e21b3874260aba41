import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable, Writable } from "node:stream";

import { expect, test } from "vitest";

import { createEnvironment } from "../../src/cli/environment.ts";
import { main } from "../../src/cli/main.ts";
import { jsonLines, makeDirectory, runCli } from "./run-cli.ts";

/** Runs a command in this process, with the store, the keys and all files in one directory. */
async function runIn(directory: string, ...args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const env = { AUDITRAIL_STORE: join(directory, "auditrail.db"), AUDITRAIL_KEYS: join(directory, "auditrail.keys") };
  const environment = createEnvironment({
    stdin: Readable.from([]),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env,
    zone: "UTC",
  });
  return { code: await main(args, environment), ...written };
}

/** A sealed trail of five entries, and its public key. */
async function makeSealed(directory = makeDirectory(), total = 5, hasKeys = false) {
  const run = (...args: readonly string[]) => runIn(directory, ...args);
  const at = (name: string): string => join(directory, name);
  expect((await run("init", "--origin", "audit.example.com/shop")).code).toBe(0);
  for (let index = 0; index < total; index += 1) {
    expect(
      (await run("record", "order.placed", "--actor", "user/7", "--target", `order/${index}`, `total=${index}.50`))
        .code,
    ).toBe(0);
  }
  if (!hasKeys) expect((await run("keys", "new")).code).toBe(0);
  expect((await run("trail", "checkpoint")).code).toBe(0);
  const key = String(jsonLines((await run("keys", "list", "--json")).stdout)[0]!["verifierKey"]);
  return { directory, run, at, key };
}

/** As somebody would who has the database and knows it. */
function tamper(directory: string): void {
  const database = new DatabaseSync(join(directory, "auditrail.db"));
  database.exec("DROP TRIGGER auditrail_entry_no_update");
  database.exec(`UPDATE auditrail_entry SET entry = replace(entry, '"2.50"', '"9.50"')`);
  database.close();
}

test("verify says verified, tampered and unproven, and ends so", async () => {
  const { directory, run, key } = await makeSealed();
  const verified = await run("verify", "--key", key);
  expect(verified).toMatchObject({ code: 0, stderr: "" });
  expect(verified.stdout).toContain("✓ verified  default");
  expect(verified.stdout).toContain("a wholesale rewrite by whoever holds the key cannot be excluded");
  expect((await run("verify")).stdout).toContain("accepted by this machine's own keys");
  const elsewhere = makeDirectory();
  copyFileSync(join(directory, "auditrail.db"), join(elsewhere, "auditrail.db"));
  const unproven = await runCli(["verify", "--tenant", "default"], { directory: elsewhere });
  expect(unproven.code).toBe(4);
  expect(unproven.stdout).toContain("No key or policy was given");
  tamper(directory);
  const tampered = await run("verify", "--tenant", "default", "--key", key, "--json");
  expect(tampered.code).toBe(2);
  expect(jsonLines(tampered.stdout)[0]).toMatchObject({ name: "default", verdict: "tampered", counts: { ALTERED: 1 } });
  expect((await run("verify", "--tenant", "default", "--key", key)).stdout).toContain("entry 2: ALTERED");
});

test("verify remembers the newest checkpoint, and holds a trail that was made anew with the same key against it", async () => {
  const { directory, run, at, key } = await makeSealed();
  const remember = (file: string) => ["verify", "--tenant", "default", "--key", key, "--remember", file];
  expect((await run(...remember(at("seen.jsonl")))).code).toBe(0);
  expect(readFileSync(at("seen.jsonl"), "utf8")).toContain("audit.example.com/shop/default");
  expect((await run(...remember(at("seen.jsonl")))).stdout).toContain("by the remembered checkpoint of size 5");
  const other = makeDirectory();
  for (const file of ["auditrail.keys", "seen.jsonl"]) copyFileSync(join(directory, file), join(other, file));
  const anew = await makeSealed(other, 6, true);
  expect((await anew.run("verify", "--tenant", "default", "--key", key)).code).toBe(0);
  const caught = await anew.run(...remember(anew.at("seen.jsonl")), "--json");
  expect(caught.code).toBe(2);
  expect(jsonLines(caught.stdout)[0]).toMatchObject({
    verdict: "tampered",
    findings: [{ reason: "REMEMBERED_CONTRADICTED" }],
  });
  expect(readFileSync(anew.at("seen.jsonl"), "utf8")).toBe(readFileSync(at("seen.jsonl"), "utf8"));
});

test("prove writes what verify --proof accepts for that entry and no other", async () => {
  const { run, at, key } = await makeSealed();
  const [proof, entry] = [at("3.tlog-proof"), at("3.json")];
  expect((await run("prove", "3", "--output", proof, "--entry", entry)).code).toBe(0);
  const verified = await run("verify", entry, "--proof", proof, "--key", key);
  expect(verified).toMatchObject({ code: 0, stderr: "" });
  expect(verified.stdout).toContain("entry 3 of audit.example.com/shop/default");
  writeFileSync(entry, readFileSync(entry, "utf8").replace("3.50", "4.50"));
  const refused = await run("verify", entry, "--proof", proof, "--key", key, "--json");
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: "VERIFY_PROOF_FAILED" } });
  expect((await run("prove", "99")).code).toBe(66);
  expect((await run("verify", at("nowhere"))).code).toBe(66);
});
