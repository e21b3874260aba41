/** One request to the server this console came from. */

/** The session's token for requests that change something; read anew with every session. */
let csrfToken: string | null = null;

export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** What the server said no with; `NOT_REACHABLE` where there was no answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, status: number, details?: unknown, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The document's address tells the prefix that the application has mounted the server under. */
export const apiRoot: string = new URL(
  document.querySelector<HTMLMetaElement>('meta[name="auditrail-api"]')?.content ?? "./api/v1/",
  document.baseURI,
).href;

export function address(path: string, parameters: Parameters = {}): string {
  const url = new URL(path, apiRoot);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  return url.href;
}

export function get<Answer>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<Answer> {
  return ask<Answer>(address(path, parameters), signal === undefined ? {} : { signal });
}

export function send<Answer>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (csrfToken !== null) headers["x-auditrail-csrf"] = csrfToken;
  if (body !== undefined) headers["content-type"] = "application/json";
  return ask<Answer>(address(path), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function ask<Answer>(url: string, options: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { ...options, credentials: "same-origin" });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new ApiError("NOT_REACHABLE", "The server does not answer.", 0);
  }
  const text = await response.text();
  const body = parseJson(text);
  if (response.ok) return body as Answer;
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string; details?: unknown } };
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new ApiError(
    error?.code ?? "SERVER_FAILED",
    error?.message ?? `The server answered with ${response.status}.`,
    response.status,
    error?.details,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
