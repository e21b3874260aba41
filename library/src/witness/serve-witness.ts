import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import { systemClock, type Clock } from "../base/time.ts";
import { signatureTypes, type SignerKey, type VerifierKey } from "../integrity/note-key.ts";
import { addCheckpoint, type Witness, type WitnessAnswer } from "./add-checkpoint.ts";
import { maxRequestSizeBytes } from "./add-checkpoint-request.ts";
import { openWitnessState, type Fork } from "./witness-state.ts";

export interface ServeWitnessOptions {
  /** Cosigners' keys, as `openKeyFile()` of `auditrail/sealing` gives them; each signs. */
  readonly keys: readonly SignerKey[];
  /** Keys of the logs that are witnessed, named after their origins. */
  readonly logs: readonly VerifierKey[];
  /** The file in which the witness remembers; made when it is missing. Losing it is losing the witness. */
  readonly stateFile: string;
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** How long a request may take to arrive, in milliseconds; 10,000 by default. */
  readonly requestTimeoutMs?: number;
  /** Told of every answer and of every failure. */
  readonly onAnswer?: (answer: WitnessAnswer | { readonly status: number; readonly body: string }) => void;
  readonly clock?: Clock;
}

export interface WitnessServer extends AsyncDisposable {
  /** Where logs send their checkpoints: the submission prefix. */
  readonly url: string;
  /** Logs that have signed two histories: for each, what was cosigned and what was submitted later. */
  listForks(): readonly Fork[];
  /** Answers what is under way and lets go. */
  close(): Promise<void>;
}

const optionNames = ["keys", "logs", "stateFile", "host", "port", "requestTimeoutMs", "onAnswer", "clock"];

/** A witness has few clients; a limit keeps idle connections from using up its memory. */
const maxConnections = 256;

/**
 * Serves a C2SP tlog-witness on HTTP: `POST /add-checkpoint`. For the world outside put a reverse proxy with TLS before it.
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `STORE_FAILED`.
 *
 * @example
 * const witness = await serveWitness({ keys: openKeyFile("witness.keys").keys, logs: [parseVerifierKey(vkey)], stateFile: "witness.db" });
 */
export async function serveWitness(options: ServeWitnessOptions): Promise<WitnessServer> {
  assertOptions(options);
  const {
    keys,
    logs,
    stateFile,
    host = "127.0.0.1",
    port = 0,
    requestTimeoutMs = 10_000,
    clock = systemClock,
  } = options;
  // Loaded now: loading it starts things that the import of a library must not.
  const { createServer } = await import("node:http");
  const state = openWitnessState(stateFile);
  const witness: Witness = { keys, logs, state, clock };
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 500,
      maxHeaderSize: 8_192,
    },
    (request, response) => void answer(witness, request, response, options.onAnswer ?? (() => undefined)),
  );
  server.maxConnections = maxConnections;
  try {
    await listen(server, host, port);
  } catch (error) {
    state[Symbol.dispose]();
    throw error;
  }
  const address = server.address() as { readonly port: number };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(server).then(() => state[Symbol.dispose]()));
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    listForks: () => state.listForks(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function assertOptions({ keys, logs, ...rest }: ServeWitnessOptions): void {
  assertKnownOptions("serveWitness()", { keys, logs, ...rest }, optionNames);
  const invalid = (problem: string): AuditError =>
    new AuditError("OPTION_INVALID", `Cannot serve a witness: ${problem}.`);
  const notCosigner = keys.find(({ type }) => type !== signatureTypes.cosignature);
  if (notCosigner !== undefined)
    throw invalid(
      `the key ${quote(notCosigner.name)} is that of a log; make one with \`auditrail keys new --witness\``,
    );
  if (keys.length === 0) throw invalid("it has no key");
  const notLog = logs.find(({ type }) => type !== signatureTypes.ed25519);
  if (notLog !== undefined) throw invalid(`the key ${quote(notLog.name)} is that of a witness, not of a log`);
  if (logs.length === 0) throw invalid("it knows no log, so there is nothing to witness");
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new AuditError("OPTION_INVALID", `Cannot serve a witness at ${host}:${port}: ${cause.message}.`, { cause }),
      );
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function answer(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  tell: NonNullable<ServeWitnessOptions["onAnswer"]>,
): Promise<void> {
  try {
    const given = await answerTo(witness, request);
    send(response, given);
    tell(given);
  } catch (error) {
    // What exactly failed is for the operator, not for whoever asked.
    send(response, { status: 500, body: "The witness failed; try again later.\n" });
    tell({ status: 500, body: String(error) });
  }
}

interface PlainAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answerTo(witness: Witness, request: IncomingMessage): Promise<PlainAnswer> {
  if (request.url !== "/add-checkpoint") return { status: 404, body: "There is only /add-checkpoint here.\n" };
  if (request.method !== "POST") return { status: 405, body: "Send a POST.\n", headers: { allow: "POST" } };
  const body = await readBody(request);
  // Closing is the only way not to read the rest.
  if (body === undefined)
    return { status: 413, body: `More than ${maxRequestSizeBytes} bytes.\n`, headers: { connection: "close" } };
  return addCheckpoint(witness, body);
}

/** `undefined` for one that is too long; what comes after the limit is not read. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > maxRequestSizeBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(
  response: ServerResponse,
  { status, body, contentType = "text/plain; charset=utf-8", headers = {} }: PlainAnswer,
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}
