import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";

import { describe, expect, onTestFinished, test } from "vitest";

import { createSignerKey, verifierKeyOf } from "../../src/integrity/note-key.ts";
import { parseSignatureLine, parseSignedNote, verifyNote } from "../../src/integrity/signed-note.ts";
import { fixedClock } from "../../src/testing/fixed-clock.ts";
import {
  formatAddCheckpoint,
  maxRequestSizeBytes,
  parseAddCheckpoint,
} from "../../src/witness/add-checkpoint-request.ts";
import { addCheckpoint } from "../../src/witness/add-checkpoint.ts";
import { serveWitness, type ServeWitnessOptions } from "../../src/witness/serve-witness.ts";
import { openWitnessState } from "../../src/witness/witness-state.ts";
import { createLog, seed, witnessKey } from "./sample-logs.ts";

const shop = createLog("shop.example.com/log", 1);
const bakery = createLog("bakery.example.com/log", 2);
const forkOfShop = createLog("shop.example.com/log", 1, "another");

function stateFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-witness-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "witness.db");
}

async function serve(options: Partial<ServeWitnessOptions> = {}) {
  const server = await serveWitness({
    ...{
      keys: [witnessKey],
      logs: [shop.verifierKey, bakery.verifierKey],
      stateFile: stateFile(),
      clock: fixedClock(),
    },
    ...options,
  });
  onTestFinished(() => server.close());
  const post = async (body: string | Uint8Array) => {
    const response = await fetch(`${server.url}/add-checkpoint`, { method: "POST", body });
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
  return { ...server, post };
}

/** The seconds of each valid cosignature in an answer. */
function cosignatureTimes(note: string, answer: string): (number | undefined)[] {
  const signatures = answer.trimEnd().split("\n").map(parseSignatureLine);
  return verifyNote({ text: parseSignedNote(note).text, signatures }, [verifierKeyOf(witnessKey)]).verified.map(
    ({ timeSeconds }) => timeSeconds,
  );
}

describe("a witness", () => {
  test("cosigns what continues what it has seen, for each log apart", async () => {
    const clock = fixedClock("2026-11-22T09:26:00Z");
    const { post } = await serve({ clock });
    const sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, 300];
    for (const [index, size] of sizes.slice(1).entries()) {
      for (const log of [shop, bakery]) {
        const { status, text } = await post(log.request(sizes[index]!, size));
        expect([status, cosignatureTimes(log.note(size), text)]).toEqual([200, [Math.floor(clock.nowMicros() / 1e6)]]);
      }
      clock.advance(1_000);
    }
  });

  test("cosigns the same checkpoint again, with the time it is then", async () => {
    const clock = fixedClock();
    const { post } = await serve({ clock });
    const first = await post(shop.request(0, 5));
    clock.advance(60_000);
    const second = await post(shop.request(5, 5));
    const [before] = cosignatureTimes(shop.note(5), first.text);
    expect(cosignatureTimes(shop.note(5), second.text)).toEqual([before! + 60]);
  });

  test("signs with each of its keys, while they are being exchanged", async () => {
    const second = createSignerKey("witness.example.com/w2", seed(201), witnessKey.type);
    const { post } = await serve({ keys: [witnessKey, second] });
    const { text } = await post(shop.request(0, 1));
    const signatures = text.trimEnd().split("\n").map(parseSignatureLine);
    const { verified } = verifyNote(
      { text: parseSignedNote(shop.note(1)).text, signatures },
      [witnessKey, second].map(verifierKeyOf),
    );
    expect(verified.map(({ key }) => key.name)).toEqual([witnessKey.name, second.name]);
  });

  test("says 409 and its own size to whoever starts from another", async () => {
    const { post } = await serve();
    await post(shop.request(0, 10));
    for (const oldSize of [0, 3, 9, 11]) {
      expect(await post(shop.request(oldSize, 20))).toEqual({ status: 409, type: "text/x.tlog.size", text: "10\n" });
    }
    expect(await post(bakery.request(1, 2))).toEqual({ status: 409, type: "text/x.tlog.size", text: "0\n" });
    expect((await post(shop.request(10, 20))).status).toBe(200);
  });

  test("does not go back", async () => {
    const { post } = await serve();
    await post(shop.request(0, 10));
    expect(await post(shop.request(5, 7))).toMatchObject({ status: 409, text: "10\n" });
    expect((await post(formatAddCheckpoint({ oldSize: 10, proof: [], note: shop.note(7) }))).status).toBe(400);
  });

  test("refuses forks, and keeps both notes of one", async () => {
    const { post, listForks } = await serve();
    await post(shop.request(0, 10));
    expect((await post(forkOfShop.request(10, 20))).status).toBe(422);
    expect(await post(forkOfShop.request(10, 10))).toMatchObject({ status: 409, text: "10\n" });
    expect(await post(forkOfShop.request(10, 10))).toMatchObject({ status: 409, text: "10\n" });
    expect(listForks()).toEqual([
      { origin: shop.origin, seenAtMicros: expect.any(Number), held: shop.note(10), submitted: forkOfShop.note(10) },
    ]);
    expect((await post(shop.request(10, 20))).status).toBe(200);
  });

  test("asks for a right proof, and for an empty one from nothing", async () => {
    const { post } = await serve();
    const [note5, note10] = [shop.note(5), shop.note(10)];
    expect((await post(formatAddCheckpoint({ oldSize: 0, proof: [seed(0)], note: note5 }))).status).toBe(422);
    expect((await post(shop.request(0, 5))).status).toBe(200);
    const right = shop.proof(5, 10);
    for (const proof of [[], right.slice(1), [...right, seed(0)], right.toReversed(), right.with(0, seed(9))]) {
      expect((await post(formatAddCheckpoint({ oldSize: 5, proof, note: note10 }))).status).toBe(422);
    }
    expect((await post(formatAddCheckpoint({ oldSize: 5, proof: [seed(0)], note: note5 }))).status).toBe(422);
    expect((await post(formatAddCheckpoint({ oldSize: 5, proof: right, note: note10 }))).status).toBe(200);
  });

  test("knows its logs, and their keys", async () => {
    const { post } = await serve();
    expect((await post(createLog("other.example.com/log", 1).request(0, 1))).status).toBe(404);
    expect((await post(createLog("shop.example.com/log", 9).request(0, 1))).status).toBe(403);
    const altered = shop.request(0, 2).replace("\n2\n", "\n3\n");
    expect((await post(altered)).status).toBe(403);
  });

  test("takes the signature of a known key among unknown ones", async () => {
    const { post } = await serve();
    const [text, signature] = shop.note(4).split(/(?<=\n\n)/);
    const other = createLog("other.example.com/log", 7)
      .note(4)
      .split(/(?<=\n\n)/)[1]!;
    expect((await post(`old 0\n\n${text}${other}${signature}`)).status).toBe(200);
  });

  test.each([
    ["nothing", ""],
    ["no old line", `\n\n${shop.note(1)}`],
    ["another first line", shop.request(0, 1).replace("old ", "Old ")],
    ["a leading zero", shop.request(0, 1).replace("old 0", "old 00")],
    ["a negative size", shop.request(0, 1).replace("old 0", "old -1")],
    ["a proof line that is no hash", shop.request(0, 1).replace("old 0\n", "old 0\nAAAA\n")],
    [
      "64 proof lines",
      formatAddCheckpoint({ oldSize: 1, proof: Array.from({ length: 64 }, () => seed(1)), note: shop.note(2) }),
    ],
    ["no signature", shop.request(0, 1).replace(/— .*\n/, "")],
    ["a note that is no checkpoint", "old 0\n\nhello\n\n— a AAAAAAAA\n"],
    ["bytes that are no text", Uint8Array.of(0x6f, 0xff, 0xfe)],
  ])("says 400 to %s", async (_, body) => {
    const { post } = await serve();
    expect((await post(body)).status).toBe(400);
    expect((await post(shop.request(0, 1))).status).toBe(200);
  });

  test("cosigns one of many at once", async () => {
    const { post } = await serve();
    await post(shop.request(0, 10));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => post(shop.request(10, 11 + index))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const winner = 11 + answers.findIndex(({ status }) => status === 200);
    for (const { status, text } of answers) if (status !== 200) expect([status, text]).toEqual([409, `${winner}\n`]);
  });

  test("is one witness in two processes on one file", async () => {
    const file = stateFile();
    const [one, two] = [await serve({ stateFile: file }), await serve({ stateFile: file })];
    let size = 0;
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([
        one.post(shop.request(size, size + 1)),
        two.post(shop.request(size, size + 2)),
      ]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
      size += answers[0].status === 200 ? 1 : 2;
    }
  });

  test("remembers across restarts", async () => {
    const file = stateFile();
    const first = await serve({ stateFile: file });
    await first.post(shop.request(0, 300));
    await first.close();
    const second = await serve({ stateFile: file });
    expect((await second.post(forkOfShop.request(0, 300))).status).toBe(409);
    expect((await second.post(shop.request(300, 301))).status).toBe(200);
  });

  test("killed between keeping a checkpoint and answering has cosigned nothing else when it is back", async () => {
    const file = stateFile();
    const child = spawn(process.execPath, [join(import.meta.dirname, "dying-witness.ts"), file, shop.verifierText], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    await expect(fetch(`${url}/add-checkpoint`, { method: "POST", body: shop.request(0, 10) })).rejects.toThrow();
    await once(child, "close");
    const { post } = await serve({ stateFile: file });
    expect(await post(forkOfShop.request(0, 12))).toMatchObject({ status: 409, text: "10\n" });
    expect((await post(shop.request(10, 10))).status).toBe(200);
  });
});

describe("over HTTP", () => {
  test("there is one thing to ask for", async () => {
    const { url } = await serve();
    const got = await fetch(`${url}/add-checkpoint`);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await fetch(`${url}/`, { method: "POST", body: "" })).status).toBe(404);
    expect((await fetch(`${url}/add-checkpoint?x`, { method: "POST", body: "" })).status).toBe(404);
  });

  test("a body is limited", async () => {
    const { post, url } = await serve();
    expect((await post("x".repeat(maxRequestSizeBytes))).status).toBe(400);
    const tooLong = await fetch(`${url}/add-checkpoint`, { method: "POST", body: "x".repeat(2_000_000) }).then(
      ({ status }) => status,
      () => "cut off",
    );
    expect([413, "cut off"]).toContain(tooLong);
    expect((await post(shop.request(0, 1))).status).toBe(200);
  });

  test("who sends slowly is cut off", async () => {
    const { url, post } = await serve({ requestTimeoutMs: 600 });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nold ");
    let answer = "";
    socket.on("data", (part: Buffer) => (answer += part.toString()));
    socket.on("error", () => undefined);
    await once(socket, "close");
    expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await post(shop.request(0, 1))).status).toBe(200);
  });

  test("close() ends it", async () => {
    const { url, close } = await serve();
    await close();
    await close();
    await expect(fetch(`${url}/add-checkpoint`, { method: "POST", body: "" })).rejects.toThrow();
  });
});

test("its state goes neither back nor away", () => {
  const state = openWitnessState(stateFile());
  const checkpoint = { origin: "a", size: 2, root: seed(1), note: "n" };
  state.transaction(() => state.write(checkpoint, 1));
  expect(() => state.transaction(() => state.write({ ...checkpoint, size: 1 }, 1))).toThrow(/does not go back/);
  expect(state.read("a")).toMatchObject({ size: 2 });
  state[Symbol.dispose]();
});

test("a request with any bit changed is cosigned never, and fails in no other way", () => {
  using state = openWitnessState(stateFile());
  const witness = { keys: [witnessKey], logs: [shop.verifierKey, bakery.verifierKey], state, clock: fixedClock() };
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  expect(addCheckpoint(witness, bytes(shop.request(0, 5))).status).toBe(200);
  const right = bytes(shop.request(5, 300));
  const statuses = new Set<number>();
  for (let index = 0; index < right.length; index += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const { status } = addCheckpoint(witness, right.with(index, right[index]! ^ (1 << bit)));
      statuses.add(status);
      expect(status, `bit ${bit} of byte ${index}`).not.toBe(200);
    }
    expect(addCheckpoint(witness, right.slice(0, index)).status).toBe(400);
  }
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([400, 403, 404, 409, 422]);
  expect(state.read(shop.origin)).toMatchObject({ size: 5 });
  expect(addCheckpoint(witness, right).status).toBe(200);
});

test("requests read back as they were written", () => {
  for (const [oldSize, size] of [
    [0, 1],
    [5, 300],
    [256, 257],
  ] as const) {
    const request = { oldSize, proof: shop.proof(oldSize, size), note: shop.note(size) };
    const { proof, ...rest } = parseAddCheckpoint(formatAddCheckpoint(request));
    expect({ ...rest, proof: proof.map((hash) => Buffer.from(hash)) }).toEqual({
      ...request,
      proof: request.proof.map((hash) => Buffer.from(hash)),
    });
  }
});

test("options that cannot be used are refused", async () => {
  const options = { keys: [witnessKey], logs: [shop.verifierKey], stateFile: stateFile() };
  for (const wrong of [{ keys: [] }, { logs: [] }, { keys: [shop.key] }, { logs: [verifierKeyOf(witnessKey)] }]) {
    await expect(serveWitness({ ...options, ...wrong })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  }
  await expect(serveWitness({ ...options, prot: 1 } as never)).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
  await expect(
    serveWitness({ ...options, stateFile: join(tmpdir(), "no", "such", "directory") }),
  ).rejects.toMatchObject({ code: "STORE_FAILED" });
});
