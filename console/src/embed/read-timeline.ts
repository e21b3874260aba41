/** Reading one timeline with the token that is for it. */

import type { EntryPage } from "../api/types.ts";

export interface EmbeddedPage extends EntryPage {
  /** What the token is for. */
  readonly of: "actor" | "target" | "operation";
  readonly reference: string;
}

/** Why there is nothing to show. */
export type Failure = "expired" | "refused" | "unreachable" | "unusable";

export class TimelineFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure);
    this.failure = failure;
  }
}

export interface TimelineAsking {
  /** The audit server, with its prefix and a slash at the end. */
  readonly server: URL;
  readonly token: string;
  /** What the page means to show: a token for anything else is refused. */
  readonly expected: Readonly<Record<string, string>>;
  readonly direction: "newest" | "oldest";
  readonly cursor: string | undefined;
}

const pageSize = "50";

/** Errors: `TimelineFailure`. */
export async function readTimeline(asking: TimelineAsking, signal: AbortSignal): Promise<EmbeddedPage> {
  const { server, token, expected, direction, cursor } = asking;
  const url = new URL("api/v1/embed/timeline", server);
  for (const [name, value] of Object.entries({ ...expected, direction, cursor, limit: pageSize }))
    if (value !== undefined) url.searchParams.set(name, value);
  // No cookie of anybody's goes along: the token is all that counts.
  const options: RequestInit = { headers: { authorization: `Bearer ${token}` }, credentials: "omit", signal };
  const response = await fetch(url, options).catch(() => undefined);
  if (response === undefined) throw new TimelineFailure("unreachable");
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as EmbeddedPage;
  throw new TimelineFailure(failureOf(response.status, body));
}

function failureOf(status: number, body: unknown): Failure {
  const { error } = (body ?? {}) as { error?: { code?: string; details?: { cause?: string } } };
  if (error?.code === "EMBED_INVALID") return error.details?.cause === "expired" ? "expired" : "refused";
  return status >= 500 || status === 429 ? "unreachable" : "unusable";
}

/** A token from the application itself, by its own sign-in: `{ "token": "…" }`. Errors: `TimelineFailure`. */
export async function readToken(url: string, signal: AbortSignal): Promise<string> {
  const options: RequestInit = { headers: { accept: "application/json" }, credentials: "same-origin", signal };
  const response = await fetch(url, options).catch(() => undefined);
  if (response === undefined || response.status >= 500) throw new TimelineFailure("unreachable");
  const body = (await response.json().catch(() => undefined)) as { token?: unknown } | undefined;
  if (response.ok && typeof body?.token === "string") return body.token;
  throw new TimelineFailure("refused");
}
