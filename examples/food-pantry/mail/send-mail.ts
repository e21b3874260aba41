/** Takes mails out of the outbox, and records what became of each. */

import { setTimeout as sleep } from "node:timers/promises";

import { resumeContext } from "auditrail";

import type { Pantry } from "../domain/pantry.ts";
import { makeTemporaryPassword } from "../domain/people.ts";
import type { MailRow } from "../domain/rows.ts";
import { isMailType, readMailType, renderMail, type MailTypeName } from "./mail-types.ts";

export interface Message {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What we use of nodemailer's transports. */
export interface MailTransport {
  sendMail(message: Message): Promise<{ readonly messageId: string }>;
}

export interface OutboxOptions {
  readonly transport: MailTransport;
  /** Where people sign in, for links in mails. */
  readonly url: string;
  /** How long to wait before each further try; as many tries as that, and one. */
  readonly waitsMs?: readonly number[];
}

export interface Outbox {
  /** Sends what is queued, in the background. */
  wake(): void;
  /** Resolves when nothing is queued any more. */
  settled(): Promise<void>;
}

const from = "Food pantry <pantry@pantry.example.org>";

export function openOutbox(pantry: Pantry, { transport, url, waitsMs = [500, 3_000] }: OutboxOptions): Outbox {
  let working: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    for (let mail = nextMail(pantry); mail !== undefined; mail = nextMail(pantry)) {
      const queued = mail;
      // Whoever caused the mail is whose doing it is.
      await resumeContext(queued.queuedBy, () => send(pantry, queued, { transport, url, waitsMs }));
    }
  };
  const settled = (): Promise<void> => (working ??= work().finally(() => (working = undefined)));
  return { wake: () => void settled().catch((error: unknown) => process.emitWarning(String(error))), settled };
}

function nextMail({ sql }: Pantry): MailRow | undefined {
  return sql.get`SELECT * FROM mail WHERE status = 'queued' ORDER BY id LIMIT 1` as unknown as MailRow | undefined;
}

interface Sent {
  readonly messageId?: string;
  readonly error?: unknown;
  readonly retries: number;
}

async function send(pantry: Pantry, mail: MailRow, options: Required<OutboxOptions>): Promise<void> {
  if (!isMailType(mail.type)) throw new Error(`The outbox holds a mail of the unknown type ${mail.type}.`);
  const type = readMailType(pantry, mail.type);
  const { subject, text, html } = renderMail(type, await valuesOf(pantry, mail, mail.type, options.url));
  const sent = await trySending(options, { from, to: mail.recipient, subject, text, html });
  const status = sent.error === undefined ? ("sent" as const) : ("failed" as const);
  const at = pantry.now().toISOString();
  pantry.transaction((record) => {
    const reason = sent.error === undefined ? null : String((sent.error as Error).message);
    pantry.sql.run`UPDATE mail SET status = ${status}, finishedAt = ${at}, messageId = ${sent.messageId ?? null},
      retries = ${sent.retries}, subject = ${subject}, error = ${reason} WHERE id = ${mail.id}`;
    record("email.sent", {
      target: { type: "mail", id: String(mail.id) },
      ...whoseMail(mail),
      ...(sent.error === undefined ? {} : { error: sent.error }),
      data: {
        ...{ mail: mail.id, type: mail.type, template: type.displayName, recipient: mail.recipient, subject, status },
        ...{ delivery: "unknown", retries: sent.retries },
        ...(sent.messageId === undefined ? {} : { messageId: sent.messageId, sentAt: at }),
      },
    });
  });
}

async function trySending({ transport, waitsMs }: Required<OutboxOptions>, message: Message): Promise<Sent> {
  for (let retries = 0; ; retries += 1) {
    try {
      const { messageId } = await transport.sendMail(message);
      return { messageId, retries };
    } catch (error) {
      const wait = waitsMs[retries];
      if (wait === undefined || isFinal(error)) return { error, retries };
      await sleep(wait);
    }
  }
}

/** A server that says 5xx means it; whatever else went wrong may be right in a while. */
function isFinal(error: unknown): boolean {
  return ((error as { responseCode?: number }).responseCode ?? 0) >= 500;
}

async function valuesOf(
  pantry: Pantry,
  mail: MailRow,
  type: MailTypeName,
  url: string,
): Promise<Record<string, string>> {
  const { name, login } = pantry.sql.get`SELECT name, login FROM person WHERE id = ${mail.person}` as {
    name: string;
    login: string;
  };
  const values = { name, login, url, ...(JSON.parse(mail.variables) as Record<string, string>) };
  if (type !== "onboarding" && type !== "password-reset") return values;
  // Made now, so that it never waits in the outbox.
  return { ...values, temporaryPassword: await makeTemporaryPassword(pantry, mail.person) };
}

/** What the mail system tells later: that a mail arrived, came back, or was complained about. */
export function noticeDelivery(
  pantry: Pantry,
  messageId: string,
  delivery: "delivered" | "bounced" | "complained",
): boolean {
  return pantry.transaction((record) => {
    const mail = pantry.sql.get`SELECT * FROM mail WHERE messageId = ${messageId}` as unknown as MailRow | undefined;
    if (mail === undefined || !isMailType(mail.type)) return false;
    pantry.sql.run`UPDATE mail SET delivery = ${delivery} WHERE id = ${mail.id}`;
    record("email.noticed", {
      target: { type: "mail", id: String(mail.id) },
      ...whoseMail(mail),
      ...(delivery === "delivered" ? {} : { outcome: "failure" }),
      ...{ before: { delivery: mail.delivery }, after: { delivery } },
      data: {
        ...{
          mail: mail.id,
          type: mail.type,
          template: readMailType(pantry, mail.type).displayName,
          delivery,
          messageId,
        },
        ...{ recipient: mail.recipient, subject: mail.subject ?? "", status: "sent", retries: mail.retries },
      },
    });
    return true;
  });
}

/** The participant it is about, whose personal data it is. */
function whoseMail({ participant, person }: MailRow) {
  return { subjects: [participant === null ? `user/${person}` : `participant/${participant}`] };
}
