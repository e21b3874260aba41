import { AuditError, assertKnownOptions, isAuditError, quote } from "../base/errors.ts";
import { signatureTypes, type VerifierKey } from "../integrity/note-key.ts";
import { parseSignatureLine, parseSignedNote, verifyNote, type NoteSignature } from "../integrity/signed-note.ts";
import { readDecimal } from "../integrity/untrusted-text.ts";
import { formatAddCheckpoint } from "./add-checkpoint-request.ts";

export interface WitnessClientOptions {
  /** The witness's submission prefix: `https://witness.example.com`. */
  readonly url: string;
  /** The witness's verifier key: only its signatures count. */
  readonly key: VerifierKey;
}

/** A checkpoint to be cosigned; the same shape as `CosigningRequest` of `auditrail/sealing`. */
export interface CosignRequest {
  readonly note: string;
  readonly size: number;
  readonly prove: (oldSize: number) => Promise<readonly Uint8Array[]>;
  readonly signal: AbortSignal;
}

export interface WitnessClient {
  /** The name of the witness's key. */
  readonly name: string;
  /** Errors: `WITNESS_UNREACHABLE`, `WITNESS_REFUSED`, `WITNESS_CONFLICT`. */
  cosign(request: CosignRequest): Promise<readonly NoteSignature[]>;
}

/** Once to learn the witness's size, once to prove from there, and once more where another process was quicker. */
const maxAttempts = 3;
const maxAnswerSizeBytes = 65_536;

/**
 * A client of a C2SP tlog-witness, for `openSealing({ witnesses })`. Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const witness = createWitnessClient({ url: "https://witness.example.com", key: parseVerifierKey(vkey) });
 */
export function createWitnessClient(options: WitnessClientOptions): WitnessClient {
  assertKnownOptions("createWitnessClient()", options, ["url", "key"]);
  const { key } = options;
  const endpoint = endpointOf(options.url);
  if (key.type !== signatureTypes.cosignature) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot ask a witness: the key ${quote(key.name)} is that of a log, not of a witness.`,
    );
  }
  /** The size that the witness cosigned last, as far as we know; it says so where we are wrong. */
  let knownSize = 0;
  const cosign = async (request: CosignRequest): Promise<readonly NoteSignature[]> => {
    const { size, note, prove, signal } = request;
    let oldSize = Math.min(knownSize, size);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const proof = await prove(oldSize);
      const answer = await post(endpoint, formatAddCheckpoint({ oldSize, proof, note }), key.name, signal);
      if (answer.status === 200) {
        const signatures = readCosignatures(answer.body, note, key);
        knownSize = size;
        return signatures;
      }
      const itsSize = nextSize(answer, { oldSize, size, name: key.name });
      knownSize = oldSize = itsSize;
    }
    throw new AuditError(
      "WITNESS_UNREACHABLE",
      `The witness ${quote(key.name)} kept changing its mind about the size it knows. Another process may be asking it.`,
    );
  };
  return { name: key.name, cosign };
}

function endpointOf(url: string): URL {
  const parsed = URL.parse(`${url.replace(/\/+$/, "")}/add-checkpoint`);
  if (parsed !== null && ["http:", "https:"].includes(parsed.protocol)) return parsed;
  throw new AuditError("OPTION_INVALID", `Cannot ask a witness at ${quote(url)}: expected an http or https address.`);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(endpoint: URL, body: string, name: string, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      body,
      signal,
      redirect: "error",
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
    return { status: response.status, body: await readAnswer(response) };
  } catch (cause) {
    throw new AuditError(
      "WITNESS_UNREACHABLE",
      `The witness ${quote(name)} did not answer at ${endpoint.origin}: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

async function readAnswer(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += part.length;
    if (sizeBytes > maxAnswerSizeBytes) throw new Error(`it answered more than ${maxAnswerSizeBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The size to prove from next; throws where asking again is of no use. */
function nextSize(
  { status, body }: Answer,
  { oldSize, size, name }: { readonly oldSize: number; readonly size: number; readonly name: string },
): number {
  const said = `status ${status}: ${quote(body.trim(), 200)}`;
  if (status === 409) {
    const itsSize = readSize(body, name);
    if (itsSize <= size && itsSize !== oldSize) return itsSize;
    const found = itsSize > size ? "it has cosigned a larger tree" : "of that size it has cosigned another tree";
    throw new AuditError(
      "WITNESS_CONFLICT",
      `The witness ${quote(name)} does not cosign our checkpoint of size ${size}: ${found} (size ${itsSize}). One of the two is a fork.`,
      {
        details: { witness: name, size, witnessSize: itsSize },
      },
    );
  }
  if (status === 422) {
    throw new AuditError(
      "WITNESS_CONFLICT",
      `The witness ${quote(name)} finds that our checkpoint of size ${size} does not continue the one of size ${oldSize} that it has cosigned.`,
      {
        details: { witness: name, size, witnessSize: oldSize },
      },
    );
  }
  if (status >= 500 || status === 429 || status === 408)
    throw new AuditError("WITNESS_UNREACHABLE", `The witness ${quote(name)} failed with ${said}.`);
  throw new AuditError(
    "WITNESS_REFUSED",
    `The witness ${quote(name)} refused our checkpoint with ${said}. Does its operator know this log's present key?`,
    {
      details: { witness: name, status },
    },
  );
}

function readSize(body: string, name: string): number {
  try {
    return readDecimal(body.replace(/\n$/, ""), "the size of a witness");
  } catch (cause) {
    throw new AuditError(
      "WITNESS_REFUSED",
      `The witness ${quote(name)} answered 409 without a size: ${quote(body, 80)}.`,
      { cause },
    );
  }
}

/** Those of the answer's lines that are valid signatures of the witness; others are not looked at. */
function readCosignatures(body: string, note: string, key: VerifierKey): readonly NoteSignature[] {
  try {
    const lines = body.split("\n").filter((line) => line !== "");
    const signatures = lines
      .map(parseSignatureLine)
      .filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
    verifyNote({ text: parseSignedNote(note).text, signatures }, [key]);
    return signatures;
  } catch (cause) {
    if (!isAuditError(cause)) throw cause;
    throw new AuditError(
      "WITNESS_REFUSED",
      `The witness ${quote(key.name)} answered without a valid signature of its own. ${cause.message}`,
      { cause },
    );
  }
}
