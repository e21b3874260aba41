import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import { systemClock } from "../base/time.ts";
import { signatureTypes } from "../integrity/note-key.ts";
import { beginEpochs } from "./begin-epoch.ts";
import { sealAll } from "./sealing-round.ts";
import { describeState, failureOf, type SealingState } from "./sealing-state.ts";
import type { Sealing, SealingOptions } from "./sealing-types.ts";
import { openSigningGuard, type SigningGuard } from "./signing-guard.ts";

const optionNames = [
  ...["store", "record", "keys", "guard", "intervalMs", "idleIntervalMs", "witnesses", "timestamp"],
  ...["witnessTimeoutMs", "guardTimeoutMs", "clock"],
];

/**
 * Signs what the trees of a store say, at an interval: each trail's checkpoint, and that of the anchor trail which holds
 * them all and which witnesses and time-stamps are asked for. The first round begins at once, in the background.
 *
 * Any number of processes may run it on one store, with the same key and guard files: one signs at a time.
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const { keys } = openKeyFile("/etc/shop/auditrail.keys");
 * const sealing = openSealing({ store, record: trail.record, keys, guard: "/etc/shop/auditrail.keys.guard" });
 */
export function openSealing(options: SealingOptions): Sealing {
  assertOptions(options);
  const closing = new AbortController();
  const state = createState(options, closing.signal);
  const guardTimeoutMs = options.guardTimeoutMs ?? 30_000;
  /** One thing at a time in this process, too. */
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const inTurn = <Result>(work: (guard: SigningGuard) => Promise<Result>): Promise<Result> => {
    const result = turn.then(() => withGuard(work));
    turn = result.catch(() => undefined);
    return result;
  };
  const withGuard = async <Result>(work: (guard: SigningGuard) => Promise<Result>): Promise<Result> => {
    try {
      if (state.closed) throw new AuditError("SEALING_CLOSED", "Cannot sign: sealing was closed.");
      using guard = await openSigningGuard({ file: options.guard, timeoutMs: guardTimeoutMs, signal: closing.signal });
      const result = await work(guard);
      state.failure = undefined;
      return result;
    } catch (error) {
      if (!state.closed) state.failure = failureOf(error);
      throw error;
    } finally {
      state.lastRoundAtMicros = state.clock.nowMicros();
    }
  };
  const runLater = (delayMs: number): void => {
    timer = setTimeout(() => {
      // What failed is in the status; the next round tries again.
      void inTurn((guard) => sealAll(state, guard, false))
        .catch(() => undefined)
        .then(() => (state.closed ? undefined : runLater(state.intervalMs)));
    }, delayMs);
    // Signing must not keep a process alive that has nothing else to do.
    timer.unref();
  };
  if (state.intervalMs > 0) runLater(0);
  const close = async (): Promise<void> => {
    state.closed = true;
    clearTimeout(timer);
    closing.abort();
    await turn;
  };
  return {
    async checkpointNow() {
      await inTurn((guard) => sealAll(state, guard, true));
      return describeState(state);
    },
    beginEpoch: (request) =>
      inTurn(async (guard) => {
        const begun = await beginEpochs(state, guard, request);
        await sealAll(state, guard, true);
        return begun;
      }),
    status: () => describeState(state),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createState(options: SealingOptions, signal: AbortSignal): SealingState {
  const { store, record, keys, clock = systemClock, intervalMs = 60_000, idleIntervalMs = 3_600_000 } = options;
  return {
    ...{ store, record, keys, clock, intervalMs, idleIntervalMs, signal },
    witnesses: options.witnesses ?? [],
    timestamp: options.timestamp,
    witnessTimeoutMs: options.witnessTimeoutMs ?? 10_000,
    verified: new Map(),
    refused: [],
    anchor: undefined,
    anchorKeptAtMicros: 0,
    pending: new Set(),
    witnessStatus: new Map(),
    ...{ timestampFailure: undefined, failure: undefined, lastRoundAtMicros: undefined, closed: false },
  };
}

/** Node's timers take no more than this. */
const longestTimerMs = 2 ** 31 - 1;

function assertOptions(options: SealingOptions): void {
  assertKnownOptions("openSealing()", options, optionNames);
  const invalid = (problem: string): AuditError => new AuditError("OPTION_INVALID", `Cannot open sealing: ${problem}.`);
  if (options.keys.length === 0) throw invalid("there is no key; openKeyFile() gives at least one");
  if (options.keys.some(({ type }) => type !== signatureTypes.ed25519))
    throw invalid("a key is that of a witness, which signs for no log");
  if (typeof options.guard !== "string" || options.guard === "") throw invalid("guard must be the path of a file");
  for (const name of ["intervalMs", "idleIntervalMs", "witnessTimeoutMs", "guardTimeoutMs"] as const) {
    const value = options[name] ?? 0;
    if (!(value >= 0) || value > longestTimerMs)
      throw invalid(`${name} is ${quote(value)}, expected milliseconds from 0 to ${longestTimerMs}`);
  }
  const names = (options.witnesses ?? []).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`there are two witnesses called ${quote(twice)}`);
}
