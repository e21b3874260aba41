/** Mails through real nodemailer to a real SMTP server. */

import { createTransport, type SMTPTransportOptions } from "nodemailer";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { bareAddresses } from "../../src/capture/nodemailer/addresses.ts";
import { auditMail, mailLog, recordMailNotice } from "../../src/capture/nodemailer/index.ts";
import { defineCatalogue } from "../../src/event/catalogue.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { createTestTrail, expectAudit, failBeforeAppend, type TestTrail } from "../../src/testing/index.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import { bytesOf } from "./entry-bytes.ts";
import { startMailServer, type TestServer } from "./smtp.ts";

const catalogue = defineCatalogue(mailLog());
const from = "Food pantry <pantry@example.org>";
const actor = { type: "user", id: "mira" };
const secret = "the temporary password is correct-battery";

let server: TestServer;
let trail: TestTrail<NonNullable<typeof catalogue.actions>>;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  trail = await createTestTrail(catalogue);
});
afterEach(() => trail.close());

function openMailer(options: SMTPTransportOptions = {}) {
  const place: SMTPTransportOptions = { host: "127.0.0.1", port: server.port, ignoreTLS: true };
  return auditMail(createTransport({ ...place, ...options }), trail);
}

const sentMail = { from, subject: "Your order 1042", text: secret, html: `<b>${secret}</b>` };

test("a mail that was sent is recorded with type, template, recipient, subject, message id and result, and without its body", async () => {
  const mailer = openMailer();
  const ana = { type: "participant", id: "C-BKM-7", name: "Ana Pop" };
  const audit = {
    type: "order-confirmation",
    template: "v2",
    to: ana,
    about: [{ type: "order", id: "1042" }],
    retries: 1,
  };
  const info = await trail.with({ actor }, () =>
    mailer.sendMail({ ...sentMail, to: '"Pop, Ana" <ana@example.com>', audit }),
  );
  const entry = await expectAudit(trail).toHave("email.sent", {
    actor,
    outcome: "success",
    data: {
      ...{ type: "order-confirmation", template: "v2", subject: "Your order 1042", messageId: info.messageId },
      ...{ recipient: "ana@example.com", accepted: 1, retries: 1, smtpCode: 250 },
    },
    targets: [
      { type: "email", id: info.messageId.slice(1, -1) },
      { ...ana, role: "recipient" },
      { type: "order", id: "1042" },
    ],
    subjects: ["participant/C-BKM-7"],
  });
  expect(server.mails.at(-1)).toContain("correct-battery");
  expect(JSON.stringify(entry)).not.toContain("battery");
  expect(bytesOf(entry)).not.toContain("ana@example.com");
  expect(info.messageId).toMatch(/@example\.org>$/);
});

test.for([
  ["refused", { to: "full@example.com" }, {}, "EENVELOPE", 550],
  ["never answered", { to: "silent@example.com" }, { socketTimeout: 200 }, "ETIMEDOUT", undefined],
  ["cut off", { to: "gone@example.com" }, {}, "ECONNECTION", undefined],
  ["not let in", { to: "ana@example.com" }, { auth: { user: "pantry", pass: "wrong-horse" } }, "EAUTH", 535],
  ["sent to nobody there", { to: "ana@example.com" }, { port: 1 }, "ESOCKET", undefined],
] as const)(
  "a mail that is %s is recorded, and its error passed on as it came",
  async ([, mail, options, code, smtpCode]) => {
    const bare = createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true, ...options });
    const expected = (await bare.sendMail({ ...sentMail, ...mail }).catch((error: unknown) => error)) as Error;
    const failed = (await openMailer(options)
      .sendMail({ ...sentMail, ...mail })
      .catch((error: unknown) => error)) as Error;
    expect(failed).toBeInstanceOf(Error);
    expect(Object.entries(failed)).toEqual(Object.entries(expected));
    expect(failed.message).toBe(expected.message);
    const entry = await expectAudit(trail).toHave("email.sent", { outcome: "failure" });
    expect(entry.event.error?.code).toBe((expected as { code?: string }).code);
    expect(entry.event.error?.code).toBe(code);
    expect(entry.event.data?.["smtpCode"]).toBe(smtpCode);
    expect(entry.event.data?.["messageId"]).toMatch(/^<.+@example\.org>$/);
    // The server's words name the mailbox; in the entry's bytes they would outlive an erasure.
    expect(bytesOf(entry).toLowerCase()).not.toContain(mail.to);
    expect(JSON.stringify(entry)).not.toMatch(/battery|horse/);
  },
);

test("of a mail that reaches some only, the others are told", async () => {
  await openMailer().sendMail({ ...sentMail, to: ["ana@example.com", { name: "Full", address: "full@example.com" }] });
  const { event } = await expectAudit(trail).toHave("email.sent", { outcome: "success", severity: "warning" });
  expect(event.data).toMatchObject({ accepted: 1, refused: ["full@example.com"] });
});

test("callbacks are served as promises are", async () => {
  const mailer = openMailer();
  const info = await new Promise((resolve, reject) =>
    mailer.sendMail({ ...sentMail, to: "ana@example.com" }, (error, sent) =>
      error === null ? resolve(sent) : reject(error),
    ),
  );
  expect(info).toMatchObject({ accepted: ["ana@example.com"] });
  await expect(
    new Promise((resolve, reject) =>
      mailer.sendMail({ ...sentMail, to: "full@example.com" }, (error) =>
        error === null ? resolve(0) : reject(error),
      ),
    ),
  ).rejects.toMatchObject({ code: "EENVELOPE" });
  await expectAudit(trail).toHaveCount("email.sent", 2);
});

test("notices are tied to the mail by its message id, and the same notice twice is one", async () => {
  const { messageId } = await trail.with({ actor }, () =>
    openMailer().sendMail({ ...sentMail, to: "ana@example.com", audit: { type: "order-confirmation" } }),
  );
  const sent = await expectAudit(trail).toHave("email.sent", {});
  const notice = {
    kind: "bounced",
    messageId,
    at: "2026-01-02T10:00:00Z",
    cause: "550 no <ana@example.com> here",
  } as const;
  const first = await recordMailNotice(trail, notice);
  const second = await trail.with({ context: { requestId: "webhook-2" } }, () => recordMailNotice(trail, notice));
  expect(first.sent).toBe(sent.event.id);
  expect(second.receipt).toEqual(first.receipt);
  const bounced = await expectAudit(trail).toHave("email.bounced", {
    outcome: "failure",
    causationId: sent.event.id,
    operationId: sent.event.operationId!,
    occurredAt: "2026-01-02T10:00:00.000000Z",
    data: { type: "order-confirmation", recipient: "ana@example.com", cause: "550 no <[recipient]> here" },
    target: sent.event.targets![0]!,
  });
  expect(bytesOf(bounced)).not.toContain("ana@");
  await recordMailNotice(trail, { kind: "delivered", messageId: messageId.slice(1, -1) });
  await recordMailNotice(trail, { kind: "complained", messageId });
  expect(await trail.count(`target:"email/${messageId.slice(1, -1)}"`)).toEqual([
    expect.objectContaining({ count: 4 }),
  ]);
});

test("a notice of a mail that nobody knows is kept all the same", async () => {
  const { sent } = await recordMailNotice(trail, {
    kind: "delivered",
    messageId: "<x@elsewhere>",
    recipient: "ben@example.com",
  });
  expect(sent).toBeUndefined();
  const { event } = await expectAudit(trail).toHave("email.delivered", {
    target: { type: "email", id: "x@elsewhere" },
  });
  expect(event.causationId).toBeUndefined();
});

test("mails are sent while nothing can be recorded, and what was not recorded is counted", async () => {
  const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
  const failing = await openTrail({ catalogue, store });
  store.fail();
  const mailer = auditMail(createTransport({ host: "127.0.0.1", port: server.port, ignoreTLS: true }), failing);
  expect(await mailer.sendMail({ ...sentMail, to: "ana@example.com" })).toMatchObject({
    accepted: ["ana@example.com"],
  });
  expect(failing.health().refused).toBe(1);
  await failing.close();
});

test("what cannot be set up says so where it is set up", async () => {
  const bare = await createTestTrail(defineCatalogue());
  expect(() => auditMail(createTransport({}), bare as never)).toThrow(
    expect.objectContaining({ code: "ACTION_UNKNOWN" }),
  );
  const mailer = openMailer();
  expect(() => auditMail(mailer, trail)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  expect(() => auditMail(createTransport({}), trail, { clok: 1 } as never)).toThrow(
    expect.objectContaining({ code: "OPTION_UNKNOWN" }),
  );
});

test("addresses are read as nodemailer takes them", () => {
  expect(
    bareAddresses(['"Pop, \\"A\\" <x>" <ana@example.com>, ben@example.com', { address: "cy@example.com" }, undefined]),
  ).toEqual([...["ana@example.com", "ben@example.com", "cy@example.com"]]);
});
