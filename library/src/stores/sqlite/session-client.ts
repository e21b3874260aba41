/** How the store talks to a session: in its own thread, or inline where a thread is not possible. */

// Not the global one, which tests of applications put a clock of their own in place of.
import { setImmediate } from "node:timers";
import { Worker } from "node:worker_threads";

import { AuditError, isAuditError } from "../../base/errors.ts";
import type { ErrorCode } from "../../base/error-codes.ts";
import type { StoredEntry } from "../../event/entry.ts";
import type { PageRequest } from "../../query/request.ts";
import type { Placed, AppendOptions, PreparedEntry, StoredPage } from "../../trail/contracts.ts";
import type { OpenDatabaseOptions } from "./open-database.ts";
import { packEntries, unpackAppended, unpackStored, type PackedAppended, type PackedStored } from "./packed-batch.ts";
import { openSession, type PackedPage, type SessionOperations } from "./session.ts";

/** What it is that was opened, and by what. */
export interface StoreIdentity {
  readonly origin: string;
  /** Which copy of SQLite; see {@link selectSqliteCopy}. */
  readonly sqliteCopy: string;
}

export interface SessionClient {
  readonly identity: StoreIdentity;
  append(entries: readonly PreparedEntry[], options?: AppendOptions): Promise<readonly Placed[]>;
  page(request: PageRequest): Promise<StoredPage>;
  read(tenant: string, from: number, to: number): Promise<readonly StoredEntry[]>;
  call<Name extends keyof SessionOperations>(
    operation: Name,
    ...parameters: Parameters<SessionOperations[Name]>
  ): Promise<ReturnType<SessionOperations[Name]>>;
  close(): Promise<void>;
}

export interface ThreadOptions extends Omit<OpenDatabaseOptions, "openConnection" | "clock"> {
  /** How long opening waits for another writer. The thread waits itself: starting one costs more than a wait. */
  readonly lockTimeoutMs: number;
}

export interface ThreadCall {
  readonly call: number;
  readonly operation: keyof SessionOperations | "close";
  readonly parameters: readonly unknown[];
}

export interface ThreadReply {
  /** The call it answers; 0 for the opening, whose value is the store's identity. */
  readonly call: number;
  readonly value?: unknown;
  readonly error?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

/** A session in the caller's thread: each call blocks it for as long as SQLite takes. */
export function openInlineSession(options: OpenDatabaseOptions): SessionClient {
  const session = openSession(options);
  let closed = false;
  const call: SessionClient["call"] = async (operation, ...parameters) => {
    if (closed) throw closedError();
    const run = session.operations[operation] as (...all: readonly unknown[]) => never;
    return run(...parameters);
  };
  return {
    identity: session.identity,
    call,
    append: (entries, appendOptions) => call("append", entries, appendOptions),
    page: (request) => call("page", request),
    read: (tenant, from, to) => call("read", tenant, from, to),
    async close() {
      closed = true;
      session.close();
    },
  };
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

// Compiled, the thread's file is JavaScript; run from source, Node strips the types of the TypeScript one itself.
const threadFile = new URL(
  import.meta.url.endsWith(".ts") ? "./session-thread.ts" : "./session-thread.js",
  import.meta.url,
);

const uncopied = "Cannot ask the SQLite thread: something in the question cannot be copied to it; see details.";

/** A session in a thread of its own. The thread keeps the process alive only while something is asked of it. */
export async function openThreadSession(options: ThreadOptions): Promise<SessionClient> {
  const worker = new Worker(threadFile, { workerData: options, name: "auditrail sqlite", execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let lastCall = 0;
  let ended: AuditError | undefined;

  const end = (error: AuditError): void => {
    ended ??= error;
    for (const each of waiting.values()) each.reject(ended);
    waiting.clear();
  };
  const settle = ({ call, value, error }: ThreadReply): void => {
    const asked = waiting.get(call);
    waiting.delete(call);
    if (error === undefined) asked?.resolve(value as never);
    else asked?.reject(new AuditError(error.code, error.message, { details: error.details }));
  };
  worker.on("message", (replies: readonly ThreadReply[]) => {
    replies.forEach(settle);
    if (waiting.size === 0) worker.unref();
  });
  worker.on("error", (cause) =>
    end(new AuditError("STORE_FAILED", "The SQLite thread broke down; see the cause.", { cause })),
  );
  const gone = new Promise<void>((resolve) =>
    worker.on("exit", () => {
      end(closedError());
      resolve();
    }),
  );

  const expect = <Value>(call: number): Promise<Value> =>
    new Promise((resolve, reject) => {
      waiting.set(call, { resolve, reject });
      worker.ref();
    });
  // Questions of one turn of the event loop travel together: waking the thread costs about what answering one of them does.
  let unsent: ThreadCall[] = [];
  const send = (transfer: readonly ArrayBuffer[] = []): void => {
    if (unsent.length === 0) return;
    const calls = unsent;
    unsent = [];
    try {
      worker.postMessage(calls, transfer);
    } catch (cause) {
      const details = { reason: String(cause) };
      for (const { call } of calls) settle({ call, error: { code: "STORE_FAILED", message: uncopied, details } });
    }
  };
  const post = <Value>(
    operation: ThreadCall["operation"],
    parameters: readonly unknown[],
    transfer?: readonly ArrayBuffer[],
  ): Promise<Value> => {
    if (ended !== undefined) return Promise.reject(ended);
    lastCall += 1;
    const answer = expect<Value>(lastCall);
    unsent.push({ call: lastCall, operation, parameters });
    // A commit does not wait for what else the turn brings.
    if (transfer !== undefined) send(transfer);
    else if (unsent.length === 1) setImmediate(send);
    return answer;
  };

  const identity = await expect<StoreIdentity>(0);
  return {
    identity,
    async append(entries, appendOptions) {
      const packed = packEntries(entries);
      return unpackAppended(await post<PackedAppended>("appendPacked", [packed, appendOptions], [packed.bytes.buffer]));
    },
    async page(request) {
      const { entries, ...next } = await post<PackedPage>("pagePacked", [request]);
      return { entries: unpackStored(entries), ...next };
    },
    read: async (tenant, from, to) => unpackStored(await post<PackedStored>("readPacked", [tenant, from, to])),
    call: (operation, ...parameters) => post(operation, parameters),
    async close() {
      await post("close", []).catch(ignoreClosed);
      end(closedError());
      // A process that exits while the thread is on its way out was seen to crash in V8 (Node 24.21): SIGTRAP, after all was done.
      worker.ref();
      await gone;
    },
  };
}

function ignoreClosed(error: unknown): void {
  if (!isAuditError(error) || error.code !== "STORE_CLOSED") throw error;
}

export function closedError(): AuditError {
  return new AuditError("STORE_CLOSED", "Cannot use the store: it was closed. Record and ask before closing it.");
}
