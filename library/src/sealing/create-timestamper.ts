/**
 * Asking a time-stamping authority (RFC 3161 section 2.4 and, for HTTP, 3.4).
 *
 * Sent is the SHA-256 of a checkpoint's text, which says nothing about the entries, and a number that was never used
 * before; what comes back is verified before it is believed.
 */

import { encodeHex, encodeUtf8, equalBytes } from "../base/bytes.ts";
import { AuditError, assertKnownOptions, isAuditError, quote } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { Timestamper } from "./sealing-types.ts";
import { copy, parseCertificates, parseTimestampToken, verifyTimestamp } from "./timestamp-token.ts";

/** Sends a TimeStampReq (DER) and resolves with the answer, a TimeStampResp (DER). */
export type SendTimestampRequest = (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;

export interface TimestamperOptions {
  /** Where the authority answers over HTTP; or how to ask it otherwise. */
  readonly authority: string | SendTimestampRequest;
  /** The certificates that its own have to lead to, as PEM text: only what they vouch for is kept. */
  readonly trusted: string;
}

/** Tokens with a chain of certificates have about 6 KiB. */
const maxAnswerSizeBytes = 262_144;

/**
 * A function that gets time-stamps, for `openSealing({ timestamp })`. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`; of the
 * function: `TIMESTAMP_FAILED`, `VERIFY_TIMESTAMP_INVALID`.
 *
 * @example
 * const timestamp = createTimestamper({ authority: "https://tsa.example.com/", trusted: readFileSync("tsa-ca.pem", "utf8") });
 */
export function createTimestamper(options: TimestamperOptions): Timestamper {
  assertKnownOptions("createTimestamper()", options, ["authority", "trusted"]);
  const { authority } = options;
  const send = typeof authority === "string" ? sendOverHttp(authority) : authority;
  const trusted = parseCertificates(options.trusted);
  return async (text, signal) => {
    const nonce = makeNonce();
    const answer = await ask(send, await formatRequest(text, nonce), signal);
    const token = await readAnswer(answer);
    await verifyTimestamp(token, text, trusted);
    const { info } = await parseTimestampToken(token);
    const answered = info.nonce?.valueBlock.valueHexView;
    // Without this an old answer, kept by somebody in between, could stand in for a new one.
    if (answered === undefined || !equalBytes(new Uint8Array(answered), nonce)) {
      throw new AuditError(
        "TIMESTAMP_FAILED",
        "The time-stamping authority answered another request than ours (its nonce differs).",
      );
    }
    return token;
  };
}

/** Eight bytes of which the first is from 64 to 127: positive, and without a leading zero, however it is encoded. */
function makeNonce(): Uint8Array {
  const nonce = crypto.getRandomValues(new Uint8Array(8));
  nonce[0] = (nonce[0]! & 0x3f) | 0x40;
  return nonce;
}

async function formatRequest(text: string, nonce: Uint8Array): Promise<Uint8Array> {
  const pki = await import("pkijs");
  const asn1 = await import("asn1js");
  const hashAlgorithm = new pki.AlgorithmIdentifier({
    algorithmId: "2.16.840.1.101.3.4.2.1",
    algorithmParams: new asn1.Null(),
  });
  const hashedMessage = new asn1.OctetString({ valueHex: copy(sha256(encodeUtf8(text))) });
  const request = new pki.TimeStampReq({
    version: 1,
    messageImprint: new pki.MessageImprint({ hashAlgorithm, hashedMessage }),
    nonce: new asn1.Integer({ valueHex: copy(nonce) }),
    // The certificates come with the token, which is to be verified offline.
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER(false));
}

async function ask(send: SendTimestampRequest, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await send(request, signal);
  } catch (cause) {
    if (isAuditError(cause)) throw cause;
    throw failed(`it could not be asked: ${(cause as Error).message}`, cause);
  }
}

function sendOverHttp(url: string): SendTimestampRequest {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "https:"].includes(parsed.protocol)) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot ask a time-stamping authority at ${quote(url)}: expected an http or https address.`,
    );
  }
  return async (request, signal) => {
    const headers = { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" };
    const response = await fetch(parsed, { method: "POST", body: copy(request), headers, signal, redirect: "error" });
    if (!response.ok) throw failed(`it answered with status ${response.status}`);
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      sizeBytes += part.length;
      if (sizeBytes > maxAnswerSizeBytes) throw failed(`it answered more than ${maxAnswerSizeBytes} bytes`);
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts));
  };
}

/** The token in an answer, byte for byte as it was sent. */
async function readAnswer(answer: Uint8Array): Promise<Uint8Array> {
  const pki = await import("pkijs");
  const asn1 = await import("asn1js");
  const { offset, result } = asn1.fromBER(copy(answer));
  if (offset !== answer.length) throw failed("its answer is no time-stamp response");
  let status: number;
  try {
    status = new pki.TimeStampResp({ schema: result }).status.status as number;
  } catch (cause) {
    throw failed("its answer is no time-stamp response", cause);
  }
  const token = (
    result as unknown as {
      readonly valueBlock: { readonly value: readonly { readonly valueBeforeDecodeView: Uint8Array }[] };
    }
  ).valueBlock.value[1];
  // 0 is granted, 1 is granted with modifications; what was modified verification tells.
  if (status > 1 || token === undefined)
    throw failed(`it refused with status ${status}: ${encodeHex(answer.subarray(0, 64))}`);
  return new Uint8Array(token.valueBeforeDecodeView);
}

function failed(found: string, cause?: unknown): AuditError {
  return new AuditError(
    "TIMESTAMP_FAILED",
    `Cannot get a time-stamp from the authority: ${found}.`,
    cause === undefined ? {} : { cause },
  );
}
