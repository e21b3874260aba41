/** Serving on Node's HTTP server, and within applications that have one. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { AuditError, assertKnownOptions } from "../base/errors.ts";
import type { AuditServer } from "./server-options.ts";

export interface ServeNodeOptions {
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** How long a request may take to arrive, in milliseconds; 30,000 by default. */
  readonly requestTimeoutMs?: number;
  /** How long closing waits for answers under way, in milliseconds; 10,000 by default. */
  readonly closeTimeoutMs?: number;
}

export interface NodeServer extends AsyncDisposable {
  /** `http://127.0.0.1:7300`, without the server's prefix. */
  readonly url: string;
  /** Takes no more requests, ends what streams, finishes what is under way, and closes the `AuditServer`. */
  close(): Promise<void>;
}

/** What Node's, Express's and Fastify's requests have in common. */
export type NodeHandler = (
  request: IncomingMessage & { originalUrl?: string },
  response: ServerResponse,
) => Promise<void>;

const mostConnections = 1_024;
const mostHeaderBytes = 16_384;
/**
 * Longer than proxies keep a connection (60 s is usual), so that it is they who close it. Whoever is the first to close may do so while
 * the next request is on its way, which then breaks; a server that stood still for longer than this breaks all that have waited.
 */
const keepAliveMs = 75_000;

/**
 * The server as a handler for Node: for `http.createServer`, for Express (`app.use("/audit", handler)`, before any body parser) and, behind
 * `reply.hijack()`, for Fastify. The server's prefix is the path that it is mounted under.
 */
export async function createNodeHandler(server: AuditServer): Promise<NodeHandler> {
  // Loaded now: importing a door loads no server.
  const { getRequestListener } = await import("@hono/node-server");
  const listener = getRequestListener(
    (request, { incoming }: { readonly incoming: unknown }) =>
      server.fetch(request, { address: (incoming as IncomingMessage).socket.remoteAddress }),
    { overrideGlobalObjects: false },
  );
  return async (request, response) => {
    // Express takes the mount path away; our routes have it.
    if (request.originalUrl !== undefined) request.url = request.originalUrl;
    await listener(request, response);
  };
}

/**
 * Serves on a port of its own. Put a reverse proxy with TLS before it for the world outside.
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID` where it cannot listen.
 *
 * @example
 * await using served = await serveNode(createServer({ trail, store, catalogue, accounts: "accounts.db" }), { port: 7300 });
 */
export async function serveNode(server: AuditServer, options: ServeNodeOptions = {}): Promise<NodeServer> {
  assertKnownOptions("serveNode()", options, ["host", "port", "requestTimeoutMs", "closeTimeoutMs"]);
  const { host = "127.0.0.1", port = 0, requestTimeoutMs = 30_000, closeTimeoutMs = 10_000 } = options;
  const { createServer } = await import("node:http");
  const handler = await createNodeHandler(server);
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(requestTimeoutMs, 10_000),
    keepAliveTimeout: keepAliveMs,
  };
  const http = createServer(
    { ...limits, connectionsCheckingInterval: 500, maxHeaderSize: mostHeaderBytes },
    (request, response) => {
      // What breaks here is a connection, which tells nobody anything more.
      handler(request, response).catch(() => response.destroy());
    },
  );
  http.maxConnections = mostConnections;
  await listen(http, host, port);
  const address = http.address() as { readonly port: number };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(http, server, closeTimeoutMs));
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(new AuditError("OPTION_INVALID", `Cannot listen at ${host}:${port}: ${cause.message}.`, { cause }));
    http.once("error", fail);
    http.listen(port, host, () => {
      http.off("error", fail);
      resolve();
    });
  });
}

async function stop(http: Server, server: AuditServer, closeTimeoutMs: number): Promise<void> {
  const stopped = new Promise<void>((resolve) => http.close(() => resolve()));
  server.stop();
  http.closeIdleConnections();
  // Connections that are kept alive become idle when their answer is out, which nothing tells us of.
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const timer = setTimeout(() => http.closeAllConnections(), closeTimeoutMs);
  await stopped;
  clearInterval(idle);
  clearTimeout(timer);
  await server.close();
}
