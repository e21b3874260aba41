import { once } from "node:events";
import { copyFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { createSignerKey, verifierKeyOf } from "../../src/integrity/note-key.ts";
import { evaluatePolicy } from "../../src/integrity/policy-evaluation.ts";
import { parseSignedNote } from "../../src/integrity/signed-note.ts";
import { keyFor, openKeyFile } from "../../src/sealing/key-file.ts";
import { createWitnessClient } from "../../src/witness/create-witness-client.ts";
import { serveWitness } from "../../src/witness/serve-witness.ts";
import { seed } from "../witness/sample-logs.ts";
import { makePlace, openSealed, storeOrigin, type Place } from "./sealed-store.ts";

const anchor = "auditrail.anchor";
const anchorOrigin = `${storeOrigin}/${anchor}`;

/** A witness of a place's anchor trail on loopback, which can be stopped and started again. */
async function startWitness(
  place: Place,
  name: string,
  options: { readonly port?: number; readonly origins?: readonly string[] } = {},
) {
  const key = createSignerKey(name, seed(name.length), 4);
  const [logKey] = openKeyFile(place.keyFile).keys;
  const logs = (options.origins ?? [anchorOrigin]).map((origin) => verifierKeyOf(keyFor(origin, logKey!)));
  const server = await serveWitness({
    keys: [key],
    logs,
    stateFile: join(place.directory, `${name}.db`),
    clock: place.clock,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  onTestFinished(() => server.close());
  const verifierKey = verifierKeyOf(key);
  return { ...server, verifierKey, client: () => createWitnessClient({ url: server.url, key: verifierKey }) };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as { readonly port: number }).port;
}

function anchorPolicy(
  place: Place,
  witnesses: readonly { readonly verifierKey: ReturnType<typeof verifierKeyOf> }[],
  origin = anchorOrigin,
) {
  const names = witnesses.map((_, index) => `w${index}`);
  return {
    logs: openKeyFile(place.keyFile).keys.map((key) => ({ key: verifierKeyOf(keyFor(origin, key)) })),
    witnesses: witnesses.map(({ verifierKey }, index) => ({ name: names[index]!, key: verifierKey })),
    groups: [{ name: "all", threshold: names.length, members: names }],
    quorum: "all",
  };
}

describe("witnesses of the anchor", () => {
  test("cosign each of its checkpoints, and the store keeps the note with their signatures", async () => {
    const place = makePlace();
    const witnesses = [await startWitness(place, "one.example"), await startWitness(place, "second.example")];
    const { sealing, sell, verifyOutside } = await openSealed(place, {
      witnesses: witnesses.map(({ client }) => client()),
    });
    for (const count of [1, 300, 1, 0]) {
      await sell(count);
      await sell(count, "other");
      expect((await sealing.checkpointNow()).lastCheckpoint).toMatchObject({
        cosignedBy: ["one.example", "second.example"],
      });
      place.clock.advance(60_000);
    }
    const found = await verifyOutside();
    expect(found[anchor]!.map(({ size }) => size)).toEqual([2, 4, 6]);
    for (const { note } of found[anchor]!) {
      const verdict = evaluatePolicy(anchorPolicy(place, witnesses), parseSignedNote(note));
      expect(verdict.witnesses.map(({ name }) => name)).toEqual(["w0", "w1"]);
    }
  });

  test("are told the size that they know only once", async () => {
    const place = makePlace();
    const witness = await startWitness(place, "one.example");
    const { sealing, sell } = await openSealed(place, { witnesses: [witness.client()] });
    await sell(1);
    await sealing.checkpointNow();
    // A new client knows nothing and is told with a 409.
    const again = await openSealed(place, { witnesses: [witness.client()] });
    await again.sell(1);
    expect((await again.sealing.checkpointNow()).witnesses).toEqual([
      { name: "one.example", cosignedAt: expect.any(String) },
    ]);
  });

  test("that are away are asked again; signing does not wait for them", async () => {
    const place = makePlace();
    const witness = await startWitness(place, "one.example");
    const { sealing, sell, verifyOutside } = await openSealed(place, { witnesses: [witness.client()] });
    const port = Number(new URL(witness.url).port);
    await witness.close();
    await sell(2);
    const away = await sealing.checkpointNow();
    expect(away).toMatchObject({
      state: "ok",
      lastCheckpoint: { cosignedBy: [] },
      witnesses: [{ failure: { code: "WITNESS_UNREACHABLE" } }],
    });
    expect((await verifyOutside())[anchor]).toHaveLength(1);
    const back = await startWitness(place, "one.example", { port });
    const completed = await sealing.checkpointNow();
    expect(completed).toMatchObject({ lastCheckpoint: { cosignedBy: ["one.example"] } });
    const notes = (await verifyOutside())[anchor]!.map(({ note }) => note);
    expect(notes).toHaveLength(2);
    expect(notes[1]!.startsWith(notes[0]!)).toBe(true);
    evaluatePolicy(anchorPolicy(place, [back]), parseSignedNote(notes[1]!));
  });

  test("that answer nothing hold a round up only for so long", async () => {
    const place = makePlace();
    const port = await listen(createServer(() => undefined));
    const client = createWitnessClient({
      url: `http://127.0.0.1:${port}`,
      key: verifierKeyOf(createSignerKey("silent.example", seed(3), 4)),
    });
    const deaf = { name: "deaf.example", cosign: () => new Promise<never>(() => undefined) };
    const { sealing, sell, verifyOutside } = await openSealed(place, {
      witnesses: [client, deaf],
      witnessTimeoutMs: 200,
    });
    await sell(1);
    const { witnesses } = await sealing.checkpointNow();
    expect(witnesses.map(({ failure }) => failure?.code)).toEqual(["WITNESS_UNREACHABLE", "WITNESS_UNREACHABLE"]);
    await verifyOutside();
  });

  test("that do not know the log say so", async () => {
    const place = makePlace();
    const witness = await startWitness(place, "one.example", { origins: ["another.example/log"] });
    const { sealing, sell } = await openSealed(place, { witnesses: [witness.client()] });
    await sell(1);
    expect((await sealing.checkpointNow()).witnesses[0]!.failure).toMatchObject({
      code: "WITNESS_REFUSED",
      details: { status: 404 },
    });
  });

  test("are what catches a backup put back together with its guard", async () => {
    const place = makePlace();
    const witness = await startWitness(place, "one.example", { origins: [anchorOrigin, `${anchorOrigin}/epoch-2`] });
    const first = await openSealed(place, { witnesses: [witness.client()] });
    await first.sell(1);
    await first.sealing.checkpointNow();
    await first.close();
    for (const file of [place.database, place.guard]) copyFileSync(file, `${file}.backup`);
    const second = await openSealed(place, { witnesses: [witness.client()] });
    await second.sell(1);
    await second.sealing.checkpointNow();
    await second.close();
    for (const file of [place.database, place.guard]) copyFileSync(`${file}.backup`, file);
    for (const suffix of ["-wal", "-shm"]) rmSync(place.database + suffix, { force: true });

    const third = await openSealed(place, { witnesses: [witness.client()] });
    const behind = await third.sealing.checkpointNow();
    expect(behind).toMatchObject({
      state: "refused",
      witnesses: [{ failure: { code: "WITNESS_CONFLICT", details: { size: 1, witnessSize: 2 } } }],
    });
    await third.sell(1, "different");
    const sameSize = await third.sealing.checkpointNow();
    expect(sameSize.witnesses[0]!.failure).toMatchObject({ code: "WITNESS_CONFLICT", details: { witnessSize: 2 } });
    expect(witness.listForks()).toHaveLength(1);
    await third.sell(1, "different");
    expect((await third.sealing.checkpointNow()).witnesses[0]!.failure).toMatchObject({ code: "WITNESS_CONFLICT" });
    await third.sealing.beginEpoch({
      reason: "the witness has seen more",
      actor: { type: "user", id: "1" },
      tenants: [anchor],
    });
    expect(third.sealing.status()).toMatchObject({
      state: "ok",
      witnesses: [{ name: "one.example", cosignedAt: expect.any(String) }],
    });
    const found = await third.verifyOutside();
    evaluatePolicy(
      anchorPolicy(place, [witness], `${anchorOrigin}/epoch-2`),
      parseSignedNote(found[anchor]!.at(-1)!.note),
    );
  });
});

describe("a witness's client", () => {
  async function answering(...answers: { readonly status: number; readonly body: string }[]) {
    const server = createServer((_, response) => {
      const { status, body } = answers.shift() ?? { status: 500, body: "no more" };
      response.writeHead(status).end(body);
    });
    const port = await listen(server);
    const client = createWitnessClient({
      url: `http://127.0.0.1:${port}/`,
      key: verifierKeyOf(createSignerKey("w.example", seed(5), 4)),
    });
    const request = { note: "x\n", size: 10, prove: () => Promise.resolve([]), signal: AbortSignal.timeout(5_000) };
    return () => client.cosign(request);
  }

  const long = "x".repeat(100_000);

  test.each([
    ["WITNESS_UNREACHABLE", [{ status: 503, body: "" }]],
    ["WITNESS_UNREACHABLE", [{ status: 200, body: long }]],
    [
      "WITNESS_UNREACHABLE",
      [
        { status: 409, body: "1\n" },
        { status: 409, body: "2\n" },
        { status: 409, body: "3\n" },
      ],
    ],
    ["WITNESS_REFUSED", [{ status: 403, body: "who?" }]],
    ["WITNESS_REFUSED", [{ status: 409, body: "many" }]],
    ["WITNESS_REFUSED", [{ status: 200, body: "" }]],
    ["WITNESS_REFUSED", [{ status: 200, body: "— other.example AAAAAAAA\n" }]],
    ["WITNESS_CONFLICT", [{ status: 409, body: "11\n" }]],
    [
      "WITNESS_CONFLICT",
      [
        { status: 409, body: "10\n" },
        { status: 409, body: "10\n" },
      ],
    ],
    [
      "WITNESS_CONFLICT",
      [
        { status: 409, body: "5\n" },
        { status: 422, body: "no" },
      ],
    ],
  ])("says %s of what cannot be used (%#)", async (code, answers) => {
    const ask = await answering(...answers);
    await expect(ask()).rejects.toMatchObject({ code });
  });

  test("takes http and https addresses, and keys of witnesses", () => {
    const key = verifierKeyOf(createSignerKey("w.example", seed(5), 4));
    for (const url of ["", "w.example", "ftp://w.example", "file:///etc/passwd"]) {
      expect(() => createWitnessClient({ url, key })).toThrowError(expect.objectContaining({ code: "OPTION_INVALID" }));
    }
    const logKey = verifierKeyOf(createSignerKey("w.example", seed(5)));
    expect(() => createWitnessClient({ url: "https://w.example", key: logKey })).toThrowError(
      expect.objectContaining({ code: "OPTION_INVALID" }),
    );
  });
});
