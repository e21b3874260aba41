/** Proofs, trust and metrics: what the server says of the trail, checked by those who do not believe it. */

import { expect, test } from "vitest";

import { decodeBase64, decodeHex, encodeUtf8 } from "../../src/base/bytes.ts";
import { verifyInclusion } from "../../src/integrity/inclusion-proof.ts";
import { leafHash } from "../../src/integrity/leaf.ts";
import { verifierKeyOf } from "../../src/integrity/note-key.ts";
import { createLogPolicy } from "../../src/integrity/policy.ts";
import { verifyProofFile } from "../../src/integrity/verify-proof-file.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { keyFor, openKeyFile } from "../../src/sealing/key-file.ts";
import { createServer } from "../../src/server/create-server.ts";
import { makePlace, openSealed } from "../sealing/sealed-store.ts";
import { codeOf, json, makeKey, openTestServer, passwordCostLog2, sendTo, setUp, withKey } from "./test-server.ts";

interface Proof {
  readonly seq: number;
  readonly size: number;
  readonly root: string;
  readonly leafHash: string;
  readonly text: string;
  readonly path: readonly string[];
  readonly checkpoint: { readonly size: number } | null;
  readonly tlogProof: string | null;
}

function verify({ seq, size, root, leafHash: leaf, text, path }: Proof): void {
  expect(leafHash(text)).toEqual(decodeHex(leaf));
  verifyInclusion({
    index: seq,
    size,
    root: decodeBase64(root),
    leafHash: leafHash(encodeUtf8(text)),
    proof: path.map(decodeBase64),
  });
}

test("a proof leads from the entry's bytes to the tree, and to the checkpoint once one is signed; trust says the same", async () => {
  const place = makePlace();
  const { store, trail, sealing, sell, close } = await openSealed(place);
  const server = createServer({
    ...{ trail, store, sealing, clock: place.clock, passwordCostLog2 },
    catalogue: openCatalogue() as never,
    accounts: ":memory:",
  });
  const root = await setUp(server, sendTo(server));
  await sell(300);
  const read = async <Shape>(path: string) => json<Shape>(await root.send(`/api/v1/${path}`));
  const unsigned = await read<Proof>("entries/5/proof");
  verify(unsigned);
  expect([unsigned.checkpoint, unsigned.tlogProof]).toEqual([null, null]);
  await expect
    .poll(() => read("trust"))
    .toMatchObject({
      checkpoint: null,
      unsealed: 303,
      sealing: "ok",
      ingest: { state: "ok", lagMs: 0 },
    });

  await sealing.checkpointNow();
  const signed = await read<Proof>("entries/5/proof");
  verify(signed);
  expect(signed.checkpoint?.size).toBe(signed.size);
  // The proof goes through the anchor trail, which others would vouch for.
  const signer = openKeyFile(place.keyFile).keys.at(-1)!;
  const origins = ["default", "auditrail.anchor"].map((tenant) => `${store.origin}/${tenant}`);
  const policy = createLogPolicy(origins.map((origin) => verifierKeyOf(keyFor(origin, signer))));
  expect((await verifyProofFile(signed.tlogProof!, signed.text, policy)).index).toBe(5);
  await expect(verifyProofFile(signed.tlogProof!, signed.text.replace("42", "43"), policy)).rejects.toThrow();
  const trust = await read<{ checkpoint: { size: number }; unsealed: number; size: number }>("trust");
  expect(trust.unsealed).toBe(trust.size - trust.checkpoint.size);
  expect(await read("checkpoints")).toMatchObject({ checkpoints: [{ size: trust.checkpoint.size }], next: null });
  await server.close();
  await close();
});

test("metrics are what Prometheus reads, and name what happened", async () => {
  await using opened = await openTestServer();
  const root = await setUp(opened.server, sendTo(opened.server));
  const send = withKey(sendTo(opened.server), await makeKey(root, ["events:write", "metrics:read"]));
  await send("/api/v1/events", {
    method: "POST",
    json: { events: [{ action: "voucher.applied", tenant: 'a"b\\c' }, { action: "nonsense" }] },
  });
  const response = await send("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const line of text.trim().split("\n")) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) auditrail_\w+ .+|auditrail_\w+(\{\w+="(\\.|[^"\\])*"(,\w+="[^"]*")*\})? -?[\d.e+-]+)$/,
    );
  }
  expect(text).toContain("auditrail_http_events_recorded_total 1\n");
  expect(text).toContain("auditrail_http_events_refused_total 1\n");
  expect(text).toContain(String.raw`auditrail_trail_entries{tenant="a\"b\\c"} 1`);
  expect(text).toContain('auditrail_http_requests_total{route="recordEvents",status="207"} 1');
});

test("a server whose trail is closed is alive and not ready", async () => {
  const opened = await openTestServer();
  const send = sendTo(opened.server);
  expect([(await send("/health/ready")).status, (await send("/health/live")).status]).toEqual([200, 200]);
  await opened.trail.close();
  expect([(await send("/health/ready")).status, (await send("/health/live")).status]).toEqual([503, 200]);
  await opened.server.close();
});

test("reading goes on where it cannot be told, unless personal data would be shown; signing in and exporting do not", async () => {
  await using opened = await openTestServer();
  const root = await setUp(opened.server, sendTo(opened.server), ["administrator", "auditor"]);
  await opened.trail.record("voucher.applied" as never, { actor: { type: "user", id: "1", name: "Zelda" } } as never);
  const { append } = opened.store;
  const full = (): Promise<never> => Promise.reject(Object.assign(new Error("full"), {}));
  Object.assign(opened.store, { append: full });
  expect((await root.send("/api/v1/entries?reveal=false")).status).toBe(200);
  expect((await root.send("/api/v1/entries?query=log:voucher")).status).toBeGreaterThanOrEqual(500);
  expect((await root.send("/api/v1/export")).status).toBeGreaterThanOrEqual(500);
  const metrics = async () => (await root.send("/metrics")).text();
  await expect.poll(metrics).toContain("auditrail_unrecorded_reads_total 2\n");
  Object.assign(opened.store, { append });
  expect(await codeOf(await root.send("/api/v1/entries?query=log:voucher"))).toBe("200");
});
