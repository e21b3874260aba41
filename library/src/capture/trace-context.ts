/**
 * Request and trace ids that come in with a request and go out with its answer and its own calls.
 *
 * Trace ids are read and written as W3C Trace Context says (https://www.w3.org/TR/trace-context/, `traceparent` and
 * `tracestate`; `traceresponse` of level 2). What is not well-formed is ignored as a whole, as the specification asks.
 */

import { encodeHex } from "../base/bytes.ts";

export interface TraceIds {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
}

export interface Trace extends TraceIds {
  /** Two hexadecimal digits. */
  readonly flags: string;
}

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestTracestate = 512;

/** Reads a `traceparent` header; `undefined` for anything that is not one, such as two of them joined. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = header === undefined || header.length > 256 ? null : traceparent.exec(header);
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags, more] = match as unknown as readonly [string, ...string[]];
  // Version ff is forbidden; later versions than ours may go on after the flags.
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  return { traceId: traceId!, spanId: spanId!, flags: flags! };
}

/** The trace that a request belongs to, with a span of its own: the caller's trace, or a new one, which nobody samples. */
export function continueTrace(parent: Trace | undefined): Trace {
  const spanId = randomHex(8);
  return parent === undefined ? { traceId: randomHex(16), spanId, flags: "00" } : { ...parent, spanId };
}

export function formatTraceparent({ traceId, spanId, flags }: Trace): string {
  // Of the flags we know the first (sampled) and the second (random id); others must not be passed on.
  const known = (Number.parseInt(flags, 16) & 3).toString(16).padStart(2, "0");
  return `00-${traceId}-${spanId}-${known}`;
}

/** A `tracestate` header that may be passed on. */
export function readTracestate(header: string | undefined): string | undefined {
  return header !== undefined && header.length <= longestTracestate && /^[\x20-\x7e]+$/.test(header)
    ? header
    : undefined;
}

const safeRequestId = /^[A-Za-z0-9][A-Za-z0-9._:=/+@-]{0,127}$/;

/** A request id from outside, if it can go into headers, logs and shells as it is. */
export function readRequestId(header: string | undefined): string | undefined {
  return header !== undefined && safeRequestId.test(header) ? header : undefined;
}

/** Ids are asked for in bulk: each call to the system costs microseconds. */
let pool = new Uint8Array(0);

function randomHex(bytes: number): string {
  if (pool.length < bytes) pool = crypto.getRandomValues(new Uint8Array(1536));
  const hex = encodeHex(pool.subarray(0, bytes));
  pool = pool.subarray(bytes);
  // All zero is forbidden, and as likely as anything else.
  return /^0+$/.test(hex) ? randomHex(bytes) : hex;
}
