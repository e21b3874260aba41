/** The whole pantry as one program: pages, console, and mail to wherever it goes. */

import type { AddressInfo } from "node:net";

import { serve, type ServerType } from "@hono/node-server";
import { createTransport } from "nodemailer";

import { openPantry, type Pantry, type PantryOptions } from "./domain/pantry.ts";
import { openOutbox, type MailTransport, type Outbox } from "./mail/send-mail.ts";
import { putFirstRows } from "./seed/first-rows.ts";
import { auditPath, openAuditDesk, type AuditDesk } from "./web/audit-desk.ts";
import { createPantryApp } from "./web/pantry-app.ts";

export interface ServeOptions extends PantryOptions {
  readonly port?: number;
  /** `smtp://user:password@host:port`. */
  readonly smtpUrl: string;
  /** What mail systems show to tell what became of a mail. */
  readonly noticeKey: string;
  readonly mailTimeoutMs?: number;
  readonly waitsMs?: readonly number[];
}

export interface ServedPantry {
  readonly url: string;
  readonly consoleUrl: string;
  readonly pantry: Pantry;
  readonly outbox: Outbox;
  readonly desk: AuditDesk;
  close(): Promise<void>;
}

/** Serves on this machine only; put a proxy with TLS before it for the world outside. */
export async function servePantry(options: ServeOptions): Promise<ServedPantry> {
  const { port = 0, smtpUrl, noticeKey, mailTimeoutMs = 10_000, waitsMs } = options;
  const pantry = await openPantry(options);
  putFirstRows(pantry);
  // The pages need to know the address that they are served at.
  const later: { app?: ReturnType<typeof createPantryApp> } = {};
  const http: ServerType = await listen(port, (request, env) => later.app!.app.fetch(request, env));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const report = (error: Error): void => pantry.log("apps.pantry").error(error);
  const cost = options.passwordCostLog2 === undefined ? {} : { passwordCostLog2: options.passwordCostLog2 };
  const desk = openAuditDesk(pantry, { origin: url, secureCookies: false, report, ...cost });
  const timeouts = { connectionTimeout: mailTimeoutMs, greetingTimeout: mailTimeoutMs, socketTimeout: mailTimeoutMs };
  const transport = createTransport({ url: smtpUrl, ...timeouts } as never) as unknown as MailTransport;
  const outbox = openOutbox(pantry, { transport, url, ...(waitsMs === undefined ? {} : { waitsMs }) });
  const app = (later.app = createPantryApp({ pantry, outbox, desk, noticeKey, report, secureCookies: false }));
  outbox.wake();
  return {
    ...{ url: `${url}/`, consoleUrl: `${url}${auditPath}/`, pantry, outbox, desk },
    close: async () => {
      await stop(http);
      await app.close();
      await outbox.settled();
      await desk.close();
      await pantry.close();
    },
  };
}

function listen(
  port: number,
  fetch: (request: Request, env: object) => Response | Promise<Response>,
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: fetch as never, port, hostname: "127.0.0.1" }, () => resolve(server));
    server.once("error", reject);
  });
}

function stop(http: ServerType): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    // Pages keep their connections; live tails never end by themselves.
    if ("closeAllConnections" in http) http.closeAllConnections();
  });
}
