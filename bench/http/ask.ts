/** Requests over connections that are kept, as proxies and browsers keep them. */

import { Agent, request } from "node:http";

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

export type Ask = (path: string, body?: unknown) => Promise<Answered>;

export function createAsk(
  url: string,
  headers: Readonly<Record<string, string>>,
  connections = 64,
): Ask & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask: Ask = (path, body) =>
    new Promise((resolve) => {
      const started = performance.now();
      const text = body === undefined ? undefined : JSON.stringify(body);
      const more =
        text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const sent = request(url + path, {
        agent,
        method: text === undefined ? "GET" : "POST",
        headers: { ...headers, ...more },
      });
      // A connection that breaks is an answer too: it counts as an error.
      const fail = (error: Error): void =>
        resolve({ status: 0, body: String(error), retryAfter: undefined, ms: performance.now() - started });
      sent.on("error", fail);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const { statusCode = 0, headers: received } = response;
          const retryAfter = received["retry-after"];
          resolve({
            status: statusCode,
            body: Buffer.concat(chunks).toString(),
            retryAfter,
            ms: performance.now() - started,
          });
        });
      });
      sent.end(text);
    });
  return Object.assign(ask, { close: () => agent.destroy() });
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
