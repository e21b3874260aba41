/** A mail server on this machine: it takes mail, shows it in an inbox page, and sends nothing anywhere. */

import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";

import { serve, type ServerType } from "@hono/node-server";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import PostalMime from "postal-mime";

import { createInboxPage } from "./inbox-page.ts";

export interface Letter {
  readonly id: string;
  readonly at: Date;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

export interface LocalMailOptions {
  readonly smtpPort?: number;
  readonly inboxPort?: number;
  /** Tells the pantry what became of a mail, when somebody says so in the inbox. */
  readonly onNotice?: (messageId: string, delivery: string) => Promise<void>;
}

export interface LocalMail {
  /** `smtp://127.0.0.1:2525` */
  readonly smtpUrl: string;
  readonly inboxUrl: string;
  /** Newest first; at most 500 are kept. */
  readonly letters: readonly Letter[];
  close(): Promise<void>;
}

const mostLetters = 500;

/**
 * How addresses behave, so that failures can be seen: `…@refuse.example` is refused for good, `…@later.example` for now, and for
 * `…@silent.example` the server never answers.
 */
export async function openLocalMail({
  smtpPort = 0,
  inboxPort = 0,
  onNotice,
}: LocalMailOptions = {}): Promise<LocalMail> {
  const letters: Letter[] = [];
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ["STARTTLS", "AUTH"], logger: false, closeTimeout: 200 },
    onRcptTo({ address }, _session, done) {
      if (address.endsWith("@silent.example")) return;
      if (address.endsWith("@refuse.example")) return done(failure(550, `5.1.1 <${address}>: no such mailbox`));
      if (address.endsWith("@later.example")) return done(failure(451, "4.3.2 try again later"));
      done();
    },
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address).join(", ");
      readLetter(stream, to).then((letter) => {
        letters.unshift(letter);
        letters.length = Math.min(letters.length, mostLetters);
        done();
      }, done);
    },
  });
  smtp.on("error", () => undefined); // A client that goes away is its own business.
  await new Promise<void>((resolve) => smtp.listen(smtpPort, "127.0.0.1", resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const inbox = await serveInbox(letters, inboxPort, onNotice);
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    inboxUrl: `http://127.0.0.1:${(inbox.address() as AddressInfo).port}/`,
    letters,
    close: async () => {
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      await new Promise<void>((resolve) => {
        inbox.close(() => resolve());
        if ("closeAllConnections" in inbox) inbox.closeAllConnections();
      });
    },
  };
}

async function readLetter(stream: SMTPServerDataStream, to: string): Promise<Letter> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const { subject = "", text = "", html = "", messageId = "" } = await PostalMime.parse(Buffer.concat(chunks));
  return { id: randomUUID(), at: new Date(), to, subject, text, html, messageId };
}

function serveInbox(
  letters: readonly Letter[],
  port: number,
  onNotice: LocalMailOptions["onNotice"],
): Promise<ServerType> {
  const app = createInboxPage(letters, onNotice);
  return new Promise((resolve) => {
    const server: ServerType = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve(server));
  });
}

function failure(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
