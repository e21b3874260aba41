import { createServer } from "node:http";
import { once } from "node:events";

import { describe, expect, onTestFinished, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import { createTimestamper, type SendTimestampRequest } from "../../src/sealing/create-timestamper.ts";
import { parseCertificates, parseTimestampToken, verifyTimestamp } from "../../src/sealing/timestamp-token.ts";
import { createLocalAuthority, hasOpenssl, type LocalAuthority } from "./local-authority.ts";
import { makePlace, openSealed } from "./sealed-store.ts";

const anchor = "auditrail.anchor";
const text = "audit.example.com/shop/auditrail.anchor\n7\nAAAA\n";
const signal = AbortSignal.timeout(60_000);

const ask =
  (authority: LocalAuthority): SendTimestampRequest =>
  (request) =>
    Promise.resolve(authority.reply(request));

function stamp(authority: LocalAuthority, of = text): Promise<Uint8Array> {
  return createTimestamper({ authority: ask(authority), trusted: authority.trusted })(of, signal);
}

async function serve(authority: LocalAuthority): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      expect(request.headers["content-type"]).toBe("application/timestamp-query");
      response
        .writeHead(200, { "content-type": "application/timestamp-reply" })
        .end(authority.reply(Buffer.concat(parts)));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as { readonly port: number }).port}/`;
}

// Openssl is in CI; elsewhere this may be skipped, as it is nothing that the library needs.
describe.skipIf(!hasOpenssl && process.env["CI"] === undefined)(
  "a time-stamp (skipped where there is no openssl, which makes them)",
  () => {
    test.each([
      { key: "rsa" },
      { key: "ec" },
      { key: "rsa", digest: "sha512" },
      { key: "rsa", certificateDigest: "sha1" },
    ] as const)("is verified offline, and openssl says the same: %o", async (options) => {
      const authority = createLocalAuthority(options);
      const before = Date.now();
      const token = await stamp(authority);
      const verified = await verifyTimestamp(token, text, parseCertificates(authority.trusted));
      expect(verified).toMatchObject({
        policy: "1.2.3.4.1",
        authority: "Test TSA",
        serialNumber: expect.stringMatching(/^[0-9a-f]+$/),
      });
      expect(Math.abs(verified.timeMicros / 1000 - before)).toBeLessThan(10_000);
      expect(authority.accepts(token, text)).toBe(true);
      expect(authority.accepts(token, `${text} `)).toBe(false);
    });

    test("of another text, or by an authority that is not trusted, is refused", async () => {
      const [authority, other] = [createLocalAuthority(), createLocalAuthority()];
      const token = await stamp(authority);
      const refused = { code: "VERIFY_TIMESTAMP_INVALID" };
      await expect(verifyTimestamp(token, `${text} `, parseCertificates(authority.trusted))).rejects.toMatchObject(
        refused,
      );
      await expect(verifyTimestamp(token, text, parseCertificates(other.trusted))).rejects.toMatchObject(refused);
      await expect(verifyTimestamp(token, text, [])).rejects.toMatchObject(refused);
      await expect(
        createTimestamper({ authority: ask(authority), trusted: other.trusted })(text, signal),
      ).rejects.toMatchObject(refused);
    });

    test.each([
      ["right", true, { usage: "critical,timeStamping", namesCertificate: true }],
      ["for something else as well", false, { usage: "critical,timeStamping,clientAuth", namesCertificate: true }],
      ["that does not insist on its use", false, { usage: "timeStamping", namesCertificate: true }],
      ["for something else", false, { usage: "critical,clientAuth", namesCertificate: true }],
      ["for anything", false, { usage: "", namesCertificate: true }],
      ["that the signature does not name", false, { usage: "critical,timeStamping", namesCertificate: false }],
      ["right, over a weak digest", false, { usage: "critical,timeStamping", namesCertificate: true, digest: "sha1" }],
    ])("signed with a certificate %s: believed is %s", async (_, isBelieved, options) => {
      const authority = createLocalAuthority({ forgerUsage: options.usage });
      const { signed } = await parseTimestampToken(await stamp(authority));
      const forged = authority.forge(new Uint8Array(signed.encapContentInfo.eContent!.getValue()), options);
      const result = await verifyTimestamp(forged, text, parseCertificates(authority.trusted)).catch(
        (error: unknown) => error,
      );
      if (isBelieved) expect(result).toMatchObject({ authority: "Test FORGER" });
      else expect(result).toMatchObject({ code: "VERIFY_TIMESTAMP_INVALID" });
    });

    test("with any bit changed is refused, or says the same", async () => {
      const authority = createLocalAuthority({ key: "ec" });
      const token = await stamp(authority);
      const trusted = parseCertificates(authority.trusted);
      const right = await verifyTimestamp(token, text, trusted);
      let accepted = 0;
      for (let index = 0; index < token.length; index += 5) {
        const altered = token.with(index, token[index]! ^ (1 << (index % 8)));
        const result = await verifyTimestamp(altered, text, trusted).catch((error: unknown) => error);
        if (isAuditError(result)) expect(result.code).toBe("VERIFY_TIMESTAMP_INVALID");
        else {
          // What is neither signed nor read: parameters of algorithms, the certificates of the chain that are not needed.
          accepted += 1;
          expect(result).toEqual(right);
        }
      }
      expect(accepted / token.length).toBeLessThan(0.35);
      for (const cut of [0, 1, 100, token.length - 1]) {
        await expect(verifyTimestamp(token.slice(0, cut), text, trusted)).rejects.toMatchObject({
          code: "VERIFY_TIMESTAMP_INVALID",
        });
      }
      await expect(verifyTimestamp(Uint8Array.of(...token, 0), text, trusted)).rejects.toMatchObject({
        code: "VERIFY_TIMESTAMP_INVALID",
      });
    });

    test("that answers an earlier request is not taken", async () => {
      const authority = createLocalAuthority({ key: "ec" });
      let kept: Uint8Array | undefined;
      const replaying = createTimestamper({
        authority: (request) => Promise.resolve((kept ??= authority.reply(request))),
        trusted: authority.trusted,
      });
      await replaying(text, signal);
      await expect(replaying(text, signal)).rejects.toMatchObject({ code: "TIMESTAMP_FAILED" });
    });

    test("is kept beside each checkpoint of the anchor, and asked for again when it could not be had", async () => {
      const authority = createLocalAuthority({ key: "ec" });
      const url = await serve(authority);
      let isAway = true;
      const overHttp = createTimestamper({ authority: url, trusted: authority.trusted });
      const timestamp = (of: string, until: AbortSignal) =>
        isAway ? Promise.reject(new Error("away")) : overHttp(of, until);
      const { sealing, sell, verifyOutside } = await openSealed(makePlace(), { timestamp });
      await sell(2);
      expect(await sealing.checkpointNow()).toMatchObject({
        state: "ok",
        timestampFailure: { code: "TIMESTAMP_FAILED" },
        lastCheckpoint: { timestamped: false },
      });
      isAway = false;
      const status = await sealing.checkpointNow();
      expect(status.lastCheckpoint).toMatchObject({ timestamped: true });
      expect(status.timestampFailure).toBeUndefined();
      await sell(1);
      await sealing.checkpointNow();
      const found = await verifyOutside();
      expect(found[anchor]!.map(({ timestamp: token }) => token === undefined)).toEqual([true, false, false]);
      for (const { note, timestamp: token } of found[anchor]!.slice(1)) {
        const noteText = note.slice(0, note.indexOf("\n\n") + 1);
        await verifyTimestamp(token!, noteText, parseCertificates(authority.trusted));
        expect(authority.accepts(token!, noteText)).toBe(true);
      }
    });
  },
);

describe("an authority", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

  test.each([
    ["nothing", new Uint8Array()],
    ["no DER", new Uint8Array([1, 2, 3])],
    ["something else", new Uint8Array([0x30, 0])],
    ["a refusal", new Uint8Array([0x30, 5, 0x30, 3, 2, 1, 2])],
    ["a grant without a token", new Uint8Array([0x30, 5, 0x30, 3, 2, 1, 0])],
  ])("that answers %s is not believed", async (_, answer) => {
    const timestamp = createTimestamper({ authority: () => Promise.resolve(answer), trusted: pem });
    await expect(timestamp(text, signal)).rejects.toMatchObject({ code: "TIMESTAMP_FAILED" });
  });

  test("that cannot be asked is told", async () => {
    const timestamp = createTimestamper({ authority: "http://127.0.0.1:1/", trusted: pem });
    await expect(timestamp(text, signal)).rejects.toMatchObject({ code: "TIMESTAMP_FAILED" });
    expect(() => createTimestamper({ authority: "file:///tsa", trusted: pem })).toThrowError(
      expect.objectContaining({ code: "OPTION_INVALID" }),
    );
    expect(() => createTimestamper({ authority: "https://tsa.example.com", trusted: "" })).toThrowError(
      expect.objectContaining({ code: "OPTION_INVALID" }),
    );
  });
});
