/** A real mail server that does to each mail what its recipient's name says. */

import type { AddressInfo } from "node:net";

import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface TestServer {
  readonly port: number;
  /** Whole mails, as they came. */
  readonly mails: string[];
  close(): Promise<void>;
}

const refusal = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });

export async function startMailServer(): Promise<TestServer> {
  const mails: string[] = [];
  const options: SMTPServerOptions = {
    hideSTARTTLS: true,
    authOptional: true,
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ password }, _session, done) =>
      password === "right horse" ? done(null, { user: "pantry" }) : done(refusal(535, "wrong name or password")),
    onRcptTo({ address }, session, done) {
      if (address.startsWith("full")) return done(refusal(550, `mailbox of <${address.toUpperCase()}> unavailable`));
      if (address.startsWith("silent")) return;
      if (address.startsWith("gone")) return void sockets.get(session.id)?.destroy();
      done();
    },
    onData(stream, _session, done) {
      let mail = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (mail += chunk));
      stream.on("end", () => {
        mails.push(mail);
        done();
      });
    },
    onConnect({ id }, done) {
      const newest = [...connections].at(-1);
      if (newest !== undefined) sockets.set(id, newest);
      done();
    },
  };
  const sockets = new Map<string, import("node:net").Socket>();
  const connections = new Set<import("node:net").Socket>();
  const server = new SMTPServer(options);
  server.server.on("connection", (socket) => connections.add(socket));
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
