/** Takes mails out of the outbox. Each try is an entry of the mail log, which the transport itself records. */

import { setTimeout as sleep } from "node:timers/promises";

import { resumeContext, type Target } from "auditrail";
import { auditMail, recordMailNotice, type MailAudit } from "auditrail/nodemailer";

import type { Pantry } from "../domain/pantry.ts";
import { makeTemporaryPassword } from "../domain/people.ts";
import type { MailRow } from "../domain/rows.ts";
import { participantTarget } from "../domain/targets.ts";
import { isMailType, readMailType, renderMail, type MailTypeName } from "./mail-types.ts";

export interface Message {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId?: string;
}

/** What we use of nodemailer's transports. */
export interface MailTransport {
  sendMail(message: Message & { readonly audit?: MailAudit }): Promise<{ readonly messageId: string }>;
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
  const options = { transport: auditMail(transport, pantry.trail), url, waitsMs };
  let working: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    for (let mails = nextMails(pantry); mails.length > 0; mails = nextMails(pantry)) {
      // Whoever caused a mail is whose doing it is.
      const sent = await Promise.all(
        mails.map((mail) => resumeContext(mail.queuedBy, () => send(pantry, mail, options))),
      );
      noteSent(pantry, sent);
    }
  };
  const settled = (): Promise<void> => (working ??= work().finally(() => (working = undefined)));
  const report = (error: unknown): void => pantry.log("apps.pantry").error(error, "the outbox has stopped");
  return { wake: () => void settled().catch(report), settled };
}

/** Five at a time: one server that does not answer holds up a few mails, not all. */
function nextMails({ sql }: Pantry): MailRow[] {
  return sql.all<MailRow>`SELECT * FROM mail WHERE status = 'queued' ORDER BY id LIMIT 5`;
}

interface Result extends Sent {
  readonly mail: MailRow;
  readonly subject: string;
}

async function send(pantry: Pantry, mail: MailRow, options: Required<OutboxOptions>): Promise<Result> {
  if (!isMailType(mail.type)) throw new Error(`The outbox holds a mail of the unknown type ${mail.type}.`);
  const type = readMailType(pantry, mail.type);
  const texts = renderMail(type, await valuesOf(pantry, mail, mail.type, options.url));
  const audit = { type: mail.type, template: type.displayName, to: recipientOf(pantry, mail) };
  const sent = await trySending(options, { from, to: mail.recipient, ...texts }, audit);
  if (sent.error !== undefined)
    pantry.log("apps.pantry").warn({ mail: mail.id, type: mail.type }, "a mail could not be sent");
  return { ...sent, mail, subject: texts.subject };
}

/** Dies the process between the sending and this note, the mails are sent once more: never none. */
function noteSent({ sql, now, transaction }: Pantry, results: readonly Result[]): void {
  const at = now().toISOString();
  transaction(() => {
    for (const { mail, subject, messageId, retries, error } of results) {
      const reason = error === undefined ? null : String((error as Error).message);
      sql.run`UPDATE mail SET status = ${error === undefined ? "sent" : "failed"}, finishedAt = ${at},
        messageId = ${messageId ?? null}, retries = ${retries}, subject = ${subject}, error = ${reason} WHERE id = ${mail.id}`;
    }
  });
}

interface Sent {
  readonly messageId?: string;
  readonly error?: unknown;
  readonly retries: number;
}

async function trySending(
  { transport, waitsMs }: Required<OutboxOptions>,
  message: Message,
  audit: MailAudit,
): Promise<Sent> {
  for (let retries = 0; ; retries += 1) {
    try {
      const { messageId } = await transport.sendMail({ ...message, audit: { ...audit, retries } });
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

interface Named {
  readonly name: string;
  readonly login: string;
}

function personOf({ sql }: Pantry, { person }: MailRow): Named {
  return sql.get<Named>`SELECT name, login FROM person WHERE id = ${person}`!;
}

async function valuesOf(
  pantry: Pantry,
  mail: MailRow,
  type: MailTypeName,
  url: string,
): Promise<Record<string, string>> {
  const { name, login } = personOf(pantry, mail);
  const values = { name, login, url, ...(JSON.parse(mail.variables) as Record<string, string>) };
  if (type !== "onboarding" && type !== "password-reset") return values;
  // Made now, so that it never waits in the outbox.
  return { ...values, temporaryPassword: await makeTemporaryPassword(pantry, mail.person) };
}

/** Whose mail it is, and whose personal data the address. */
function recipientOf(pantry: Pantry, mail: MailRow): Target {
  const { name } = personOf(pantry, mail);
  const { participant, person } = mail;
  return participant === null
    ? { type: "user", id: String(person), name }
    : participantTarget({ number: participant, name });
}

/** What the mail system tells later; false where we know of no such mail. */
export async function noticeDelivery(
  pantry: Pantry,
  messageId: string,
  kind: "delivered" | "bounced" | "complained",
): Promise<boolean> {
  const { changes } = pantry.sql.run`UPDATE mail SET delivery = ${kind} WHERE messageId = ${messageId}`;
  if (changes === 0) return false;
  await recordMailNotice(pantry.trail, { kind, messageId, at: pantry.now() });
  return true;
}
