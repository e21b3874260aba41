/** An application of another origin, which shows timelines in pages of its own: with a strict policy, and a key of the audit server. */

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { ShopServer } from "./shop-server.ts";

export interface HostApplication {
  /** `http://localhost:…`, where the audit server is at `http://127.0.0.1:…`: another site, not only another port. */
  readonly url: string;
  /** What stands in the page, from now on. */
  show(body: string): void;
  /** Asks the audit server for a token, as an application's server does. */
  makeToken(of: Readonly<Record<string, unknown>>): Promise<EmbedToken>;
  close(): Promise<void>;
}

export interface EmbedToken {
  readonly token: string;
  readonly path: string;
  readonly framePath: string;
}

export async function openHostApplication(audit: ShopServer, key: string): Promise<HostApplication> {
  const auditOrigin = new URL(audit.url).origin;
  const policy = `default-src 'none'; script-src ${auditOrigin}; connect-src 'self' ${auditOrigin}; frame-src ${auditOrigin}; style-src 'nonce-own'`;
  let body = "";
  const makeToken = async (of: Readonly<Record<string, unknown>>): Promise<EmbedToken> => {
    const response = await fetch(new URL("api/v1/embed-tokens", audit.url), {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(of),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as EmbedToken;
  };
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path.startsWith("/history-token/")) {
      const { token } = await makeToken({ target: decodeURIComponent(path.slice("/history-token/".length)) });
      response.setHeader("content-type", "application/json").end(JSON.stringify({ token }));
      return;
    }
    const style = `<style nonce="own">:root { color-scheme: light dark; } body { background: Canvas; color: CanvasText; font: 15px/1.5 Georgia, serif; max-width: 46em; margin: 2em auto; padding: 0 1em; } iframe { width: 100%; height: 420px; border: 1px solid GrayText; }</style>`;
    response
      .setHeader("content-type", "text/html; charset=utf-8")
      .setHeader("content-security-policy", policy)
      .end(`<!doctype html><html lang="en"><title>Voucher</title>${style}<main>${body}</main></html>`);
  };
  const http = createServer((request, response) => {
    answer(request.url ?? "/", response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${(http.address() as AddressInfo).port}/`,
    show: (next) => (body = next),
    makeToken,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
