import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { describe, expect, onTestFinished, test } from "vitest";

import { createEnvironment } from "../../src/cli/environment.ts";
import { main } from "../../src/cli/main.ts";
import { createLocalAuthority, hasOpenssl } from "./local-authority.ts";
import { openKeyFile } from "../../src/sealing/key-file.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { verifyStore } from "./sealed-store.ts";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function makeShell() {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-sealing-cli-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string): string => join(directory, name);
  const env = { AUDITRAIL_STORE: at("audit.db"), AUDITRAIL_KEYS: at("auditrail.keys") };
  const start = (args: readonly string[], signal?: AbortSignal) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const environment = createEnvironment({
      stdin: new PassThrough(),
      stdout,
      stderr,
      env,
      zone: "UTC",
      ...(signal === undefined ? {} : { signal }),
    });
    const texts = { stdout: "", stderr: "" };
    stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
    stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
    return { texts, code: main(args, environment) };
  };
  const run = async (...args: string[]): Promise<Run> => {
    const { texts, code } = start(args);
    return { code: await code, ...texts };
  };
  return { at, run, start };
}

/** The store as it is, verified from outside. */
async function verify(at: (name: string) => string) {
  const store = await openSqliteStore({ file: at("audit.db"), readOnly: true, threads: false });
  try {
    return await verifyStore(
      store as never,
      openKeyFile(at("auditrail.keys")).keys.map(({ publicKey }) => publicKey),
    );
  } finally {
    await store.close();
  }
}

describe("auditrail keys", () => {
  test("new makes a file for its owner alone, named after the store, and prints what is public", async () => {
    const { at, run } = makeShell();
    await run("init", "--origin", "audit.example.com/shop");
    const { code, stdout } = await run("keys", "new");
    expect(code).toBe(0);
    expect(statSync(at("auditrail.keys")).mode & 0o777).toBe(0o600);
    expect(stdout).toMatch(/audit\.example\.com\/shop\+[0-9a-f]{8}\+\S{44}\n/);
    expect(stdout).toMatch(/For witnesses:\naudit\.example\.com\/shop\/auditrail\.anchor\+[0-9a-f]{8}\+\S{44}\n/);
    const secret = /PRIVATE\+KEY\S+/.exec(readFileSync(at("auditrail.keys"), "utf8"))![0];
    expect(stdout).not.toContain(secret.slice(-20));
    expect(await run("keys", "new")).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringContaining("KEY_FILE_EXISTS"),
    });
  });

  test("rotate adds one, and list tells which signs", async () => {
    const { run } = makeShell();
    await run("keys", "new", "--name", "shop");
    const rotated = await run("keys", "rotate", "--json");
    const { stdout } = await run("keys", "list", "--json");
    const keys = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(keys).toMatchObject([
      { name: "shop", purpose: "log", signs: false },
      { name: "shop", signs: true },
    ]);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ verifierKey: keys[1]!["verifierKey"], signs: true });
    expect((await run("keys", "list")).stdout.trim().split("\n")).toHaveLength(2);
  });

  test("asks for a name where there is no store, and tells what is missing", async () => {
    const { run } = makeShell();
    expect(await run("keys", "new")).toMatchObject({ code: 64, stderr: expect.stringContaining("--name") });
    expect(await run("keys", "list")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("auditrail keys new"),
    });
  });
});

describe("auditrail trail", () => {
  async function makeTrail() {
    const shell = makeShell();
    await shell.run("init", "--origin", "audit.example.com/shop");
    await shell.run("keys", "new");
    const sell = (id: string) => shell.run("record", "order.placed", "--actor", "user/1", "--target", `order/${id}`);
    await sell("1");
    return { ...shell, sell };
  }

  test("checkpoint signs what has changed", async () => {
    const { at, run, sell } = await makeTrail();
    expect(await run("trail", "checkpoint")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✓ Signed; the anchor trail has 1 entry\n/),
    });
    await sell("2");
    const { code, stdout } = await run("trail", "checkpoint", "--json");
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { state: "ok", lastCheckpoint: { size: 2 } }]);
    const found = await verify(at);
    expect(found["default"]!.map(({ size }) => size)).toEqual([1, 2]);
  });

  test("new-epoch continues a restored backup, with its reason as an entry", async () => {
    const { at, run, sell } = await makeTrail();
    expect(await run("trail", "new-epoch", "--reason", "none")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("EPOCH_NEEDLESS"),
    });
    await run("trail", "checkpoint");
    copyFileSync(at("audit.db"), at("backup.db"));
    await sell("2");
    await run("trail", "checkpoint");
    copyFileSync(at("backup.db"), at("audit.db"));
    for (const suffix of ["-wal", "-shm"]) rmSync(at(`audit.db${suffix}`), { force: true });
    const refused = await run("trail", "checkpoint");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("SIGNING_REFUSED") });
    expect(refused.stderr).toContain("last signed was size 2");
    expect(await sell("3")).toMatchObject({ code: 0 });
    expect(await run("trail", "new-epoch")).toMatchObject({ code: 64, stderr: expect.stringContaining("--reason") });
    const begun = await run(
      "trail",
      "new-epoch",
      "--reason",
      "backup of Sunday, ticket 331",
      "--actor",
      "user/operator",
    );
    expect(begun).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Trail default is in epoch 2; entry 2 says why"),
    });
    const shown = await run("show", "2", "--json");
    expect(JSON.parse(shown.stdout)).toMatchObject({
      event: {
        action: "auditrail.epoch-begun",
        reason: "backup of Sunday, ticket 331",
        actor: { type: "user", id: "operator" },
      },
    });
    expect((await verify(at))["default"]!.at(-1)).toMatchObject({
      size: 3,
      origin: "audit.example.com/shop/default/epoch-2",
    });
    expect(await run("trail", "checkpoint")).toMatchObject({ code: 0, stderr: "" });
    expect((await run("keys", "list")).stdout, "what witnesses are to be told now").toMatch(
      /\naudit\.example\.com\/shop\/auditrail\.anchor\/epoch-2\+/,
    );
  });

  test.skipIf(!hasOpenssl && process.env["CI"] === undefined)(
    "checkpoint asks for time-stamps only with the certificates to verify them (skipped without openssl)",
    async () => {
      const { at, run } = await makeTrail();
      writeFileSync(at("ca.pem"), createLocalAuthority({ key: "ec" }).trusted);
      expect(await run("trail", "checkpoint", "--timestamp-url", "http://127.0.0.1:1/")).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("--timestamp-ca"),
      });
      const away = await run(
        "trail",
        "checkpoint",
        "--timestamp-url",
        "http://127.0.0.1:1/",
        "--timestamp-ca",
        at("ca.pem"),
      );
      expect(away).toMatchObject({ code: 0, stderr: expect.stringContaining("TIMESTAMP_FAILED") });
    },
  );

  test("a witness of another machine cosigns what checkpoint sends it", async () => {
    const { at, run, start, sell } = await makeTrail();
    await run("keys", "new", "--witness", "--name", "witness.example", "--file", at("witness.keys"));
    const { stdout } = await run("keys", "list", "--json");
    const { anchorKey } = JSON.parse(stdout) as { anchorKey: string };
    const stop = new AbortController();
    const serving = start(
      [
        "witness",
        "serve",
        "--key",
        at("witness.keys"),
        "--state",
        at("witness.db"),
        "--listen",
        "127.0.0.1:0",
        "--log",
        anchorKey,
        "--json",
      ],
      stop.signal,
    );
    await expect.poll(() => serving.texts.stdout).not.toBe("");
    const { url, verifierKeys } = JSON.parse(serving.texts.stdout) as { url: string; verifierKeys: string[] };
    writeFileSync(at("policy"), `log ${anchorKey}\nwitness w ${verifierKeys[0]} ${url}\nquorum w\n`);
    for (const id of ["2", "3"]) {
      await sell(id);
      expect(await run("trail", "checkpoint", "--policy", at("policy"))).toMatchObject({
        code: 0,
        stderr: "",
        stdout: expect.stringContaining("cosigned by witness.example"),
      });
    }
    stop.abort();
    expect(await serving.code).toBe(130);
    // Each of the two processes asked without knowing the witness's size; the second was told.
    expect(
      serving.texts.stderr
        .split("\n")
        .map((line) => line.slice(0, 3))
        .filter((line) => line !== ""),
    ).toEqual(["200", "409", "200"]);
    await verify(at);
  });

  test("a witness wants a witness's key and a log's", async () => {
    const { at, run } = await makeTrail();
    await run("keys", "new", "--witness", "--name", "witness.example", "--file", at("witness.keys"));
    const serve = (...args: string[]) => run("witness", "serve", "--state", at("w.db"), ...args);
    expect(await serve("--key", at("auditrail.keys"), "--log", "x")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("VERIFY_KEY_INVALID"),
    });
    expect(await serve("--key", at("witness.keys"))).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("--log"),
    });
    const { verifierKey } = JSON.parse((await run("keys", "list", "--json")).stdout) as { verifierKey: string };
    expect(await serve("--key", at("auditrail.keys"), "--log", verifierKey)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("OPTION_INVALID"),
    });
    expect(await serve("--key", at("witness.keys"), "--log", verifierKey, "--listen", "nowhere")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("host:port"),
    });
  });
});
