/** The pantry as people use it: a real Chromium, a real mail server, and the trail of what they did. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Entry } from "auditrail";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readAccount } from "../domain/balance.ts";
import { readOrder } from "../domain/orders.ts";
import { registerParticipant } from "../domain/participants.ts";
import { choosePassword, makeAccount, readPerson } from "../domain/people.ts";
import { changeWindows } from "../domain/programs.ts";
import { applyVoucher, createVoucher } from "../domain/vouchers.ts";
import { openLocalMail, type LocalMail } from "../mail/local-mail.ts";
import { servePantry, type ServedPantry } from "../serve-pantry.ts";
import { launchBrowser, soon, visit, type Visitor } from "../../browser.ts";

const directory = mkdtempSync(join(tmpdir(), "pantry-pages-"));
const password = "canary-of-the-pages-7f3a";
const noticeKey = "canary-notice-key-55aa";
const setUp = { actor: { type: "system", id: "set-up" }, context: { source: "cli" } } as const;
let browser: Browser;
let mail: LocalMail;
let served: ServedPantry;
let ana: Visitor;
let mira: Visitor;
const customers: Record<string, string> = {};

beforeAll(async () => {
  [browser, mail] = await Promise.all([launchBrowser(), openLocalMail({ onNotice: notice })]);
  served = await servePantry({
    ...{ file: join(directory, "pantry.db"), zone: "UTC", noticeKey, smtpUrl: mail.smtpUrl, passwordCostLog2: 4 },
    ...{ mailTimeoutMs: 1_200, waitsMs: [10] },
  });
  await served.pantry.trail.with(setUp, fillPantry);
  [ana, mira] = await Promise.all([visit(browser, served.url), visit(browser, served.url)]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await served.close();
  await mail.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Three people of staff, and participants whose mail behaves in different ways. */
async function fillPantry(): Promise<void> {
  const { pantry } = served;
  for (const [login, name, role] of [
    ["mira", "Mira Okafor", "staff"],
    ["tomas", "Tomás Herrera", "superuser"],
  ] as const)
    await choosePassword(
      pantry,
      makeAccount(pantry, { login, name, email: `${login}@pantry.example.org`, role }),
      password,
    );
  const household = { adults: 2, children: 1, infants: 0, language: "en", program: "Neighbourhood", active: true };
  const domains = {
    ana: "example.com",
    ref: "refuse.example",
    sil: "silent.example",
    off: "example.com",
    nobody: "example.com",
  };
  for (const [name, domain] of Object.entries(domains)) {
    const more = name === "off" ? { active: false } : name === "nobody" ? { adults: 0, children: 0 } : {};
    const number = registerParticipant(pantry, {
      ...household,
      ...more,
      name: `${name} Pop`,
      email: `${name}@${domain}`,
    });
    await choosePassword(pantry, readPerson(pantry, number), password);
    customers[name] = number;
    for (let index = 0; index < (more.adults === 0 ? 0 : 2); index += 1)
      applyVoucher(pantry, createVoucher(pantry, number, { kind: "grocery" }));
  }
  await served.outbox.settled();
}

async function notice(messageId: string, delivery: string): Promise<void> {
  const headers = { authorization: `Bearer ${noticeKey}`, "content-type": "application/json" };
  await fetch(`${served.url}mail-notices`, { method: "POST", headers, body: JSON.stringify({ messageId, delivery }) });
}

async function entriesOf(query: string): Promise<Entry[]> {
  const found: Entry[] = [];
  await served.pantry.trail.flush();
  for await (const entry of served.pantry.trail.entries(query, { order: { by: "seq", direction: "oldest" } }))
    found.push(entry);
  return found;
}

const balances = (name: string) => readAccount(served.pantry, customers[name]!).balances;
const newestOrder = (name: string) =>
  served.pantry.sql.get<{ number: string }>`SELECT number FROM customerOrder WHERE participant = ${customers[name]!}
    ORDER BY placedAt DESC LIMIT 1`!.number;

async function placeOrder(visitor: Visitor, products: Readonly<Record<string, number>>): Promise<void> {
  await visitor.go("shop");
  for (const [product, quantity] of Object.entries(products)) await visitor.fill(product, String(quantity));
  await visitor.press("Place the order");
}

test("failed sign-ins are recorded with the name and never with the password", async () => {
  await ana.signIn(customers["ana"]!, "canary-wrong-password-1");
  expect(await ana.text()).toContain("Name and password do not belong together.");
  await ana.signIn("nobody-of-that-name", "canary-wrong-password-2");
  expect(await ana.text()).toContain("Name and password do not belong together.");
  await ana.signIn(customers["ana"]!, password);
  await soon(() => ana.text()).toContain("Hello ana Pop");
  const tried = await entriesOf("log:sign-in -action:sign-in.logged-out");
  expect(
    tried.slice(-3).map(({ event }) => [event.action, (event.data as { name?: string }).name, event.actor.id]),
  ).toEqual([
    ["sign-in.failed", customers["ana"], undefined],
    ["sign-in.failed", "nobody-of-that-name", undefined],
    ["sign-in.logged-in", undefined, customers["ana"]],
  ]);
  expect(tried.at(-1)!.event.context).toMatchObject({ source: "http", route: "/sign-in", ip: "127.0.0.1" });
  expect(tried.at(-1)!.event.context!.userAgent).toContain("Chrome");
});

test("after five failures for a name each further try has to wait, the right password too", async () => {
  const visitor = await visit(browser, served.url);
  for (let tries = 0; tries < 5; tries += 1) await visitor.signIn("tries", `canary-wrong-password-${tries}`);
  expect(await visitor.text()).toContain("do not belong together");
  await visitor.signIn("Tries ", password);
  expect(await visitor.text()).toContain("Too many tries for this name.");
  const causes = (await entriesOf("action:sign-in.failed")).map(({ event }) => (event.data as { cause: string }).cause);
  expect(causes.slice(-6)).toEqual([...Array<string>(5).fill("unknown name"), "too many tries"]);
});

test("an order that breaks three rules is turned down, and kept whole although its transaction was rolled back", async () => {
  const before = balances("ana");
  await placeOrder(ana, { Jam: 5, "Apples, 1 kg": 30, "Chicken, 1 kg": 4, "Soap, 2 bars": 4, "Rice, 1 kg": 90 });
  const page = await ana.text();
  const [entry, ...more] = await entriesOf("action:order-validation.failed");
  expect(more).toEqual([]);
  const data = entry!.event.data as Record<string, unknown> & {
    messages: string[];
    cart: { product: string; quantity: number }[];
  };
  expect(data["rules"]).toEqual(["food-balance", "fresh-budget", "category-limit"]);
  for (const message of data.messages) expect(page).toContain(message);
  expect(data.cart.map(({ product, quantity }) => `${quantity} ${product}`).sort()).toEqual(
    ["30 Apples, 1 kg", "4 Chicken, 1 kg", "4 Soap, 2 bars", "5 Jam", "90 Rice, 1 kg"].sort(),
  );
  expect(data["balances"]).toEqual({ full: "210.00", available: "210.00", hygiene: "70.00", fresh: "20.00" });
  expect([data["status"], data["balanceBefore"], data["balanceAfter"], data["balanceChange"]]).toEqual([
    "failed",
    "210.00",
    "210.00",
    "0.00",
  ]);
  expect(served.pantry.sql.get<unknown>`SELECT count(*) AS count FROM customerOrder`!).toEqual({ count: 0 });
  expect(balances("ana")).toEqual(before);
  // Before it was judged it was received, in the same request.
  const [received] = await entriesOf(`action:order-validation.received target:order/${entry!.event.targets![0]!.id}`);
  expect(received!.event.operationId).toBe(entry!.event.operationId);
});

test("an order that passes is confirmed, its vouchers are consumed, and balances before and after add up", async () => {
  await ana.fill("Jam", "1");
  await ana.fill("Apples, 1 kg", "2");
  await ana.fill("Rice, 1 kg", "40");
  await ana.press("Place the order");
  await soon(() => ana.text()).toContain("Your order is in.");
  const number = newestOrder("ana");
  expect(readOrder(served.pantry, number)).toMatchObject({
    state: "pending",
    food: 275 + 460 + 9600 + 3160,
    hygiene: 820,
  });

  await mira.signIn("mira", password);
  await mira.go(`staff/orders/${number}`);
  await mira.press("Confirm");
  await soon(() => mira.text()).toContain("Confirmed");
  const steps = await entriesOf(`target:participant/${customers["ana"]} log:voucher`);
  const moves = steps.map(({ event }) => {
    const [before, after] = [event.before, event.after] as unknown as {
      state: string | null;
      balance: string;
      available: string;
    }[];
    return `${before!.state} → ${after!.state} ${before!.balance} → ${after!.balance} (${before!.available} → ${after!.available})`;
  });
  expect(moves).toEqual([
    "null → pending 0.00 → 105.00 (0.00 → 0.00)",
    "pending → applied 105.00 → 105.00 (0.00 → 105.00)",
    "null → pending 105.00 → 210.00 (105.00 → 105.00)",
    "pending → applied 210.00 → 210.00 (105.00 → 210.00)",
    "applied → consumed 210.00 → 105.00 (210.00 → 105.00)",
    "applied → consumed 105.00 → 0.00 (105.00 → 0.00)",
  ]);
  const [first, second] = steps.slice(-2).map(({ event }) => event.data as Record<string, string>);
  expect([first!["applied"], first!["remaining"], second!["applied"], second!["remaining"]]).toEqual([
    "105.00",
    "0.00",
    "29.95",
    "75.05",
  ]);
  const [confirmed] = await entriesOf(`action:order.confirmed target:order/${number}`);
  expect(confirmed!.event).toMatchObject({
    actor: { name: "Mira Okafor" },
    before: { state: "pending" },
    after: { state: "confirmed" },
  });
  await soon(() => mail.letters[0]?.subject).toBe(`Your order ${number} is confirmed`);
});

test("the order's and the voucher's own pages tell their history, and a token reads nothing else", async () => {
  const number = newestOrder("ana");
  await mira.go(`staff/orders/${number}`);
  const timeline = mira.page.locator("auditrail-timeline");
  await timeline.getByText(`Mira Okafor confirmed order ${number}`).waitFor();
  await timeline.getByText(`ana Pop sent in order ${number}`).waitFor();
  await mira.go("staff/vouchers/V-1");
  await timeline.getByText(`voucher V-1 paid 105.00 of order ${number}`).waitFor();
  const token = await timeline.getAttribute("token");
  const asked = await fetch(`${served.consoleUrl}api/v1/entries`, { headers: { authorization: `Bearer ${token}` } });
  expect(asked.status).toBeGreaterThanOrEqual(401);
  mira.expectNoMishap();
});

test("a cancelled order gives vouchers and stock back", async () => {
  const number = newestOrder("ana");
  const stock = () => served.pantry.sql.get<{ stock: number }>`SELECT stock FROM product WHERE sku = 'rice-1kg'`!.stock;
  const before = stock();
  await mira.go(`staff/orders/${number}`);
  await mira.fill("Why", "the family is away");
  await mira.press("Cancel the order");
  await soon(() => mira.text()).toContain("Cancelled");
  expect(balances("ana").available).toBe(210_00);
  expect(stock()).toBe(before + 40);
  const [cancelled] = await entriesOf(`action:order.cancelled target:order/${number}`);
  expect(cancelled!.event).toMatchObject({
    reason: "the family is away",
    after: { state: "cancelled" },
    data: { restored: ["V-1", "V-2"] },
  });
  const restored = await entriesOf(`action:voucher.restored target:order/${number}`);
  expect(restored.map(({ event }) => event.after)).toEqual([
    { state: "applied", balance: "105.00", available: "105.00" },
    { state: "applied", balance: "210.00", available: "210.00" },
  ]);
});

test.each([
  ["refuses", "ref", "EENVELOPE"],
  ["does not answer", "sil", "ETIMEDOUT"],
])("a mail server that %s leaves a failed entry, and the order unharmed", async (_what, name, code) => {
  const visitor = await visit(browser, served.url);
  await visitor.signIn(customers[name]!, password);
  await soon(() => visitor.text()).toContain("Hello");
  await placeOrder(visitor, { "Rice, 1 kg": 3 });
  await soon(() => visitor.text()).toContain("Your order is in.");
  const number = newestOrder(name);
  await mira.go(`staff/orders/${number}`);
  await mira.press("Confirm");
  await soon(() => mira.text()).toContain("Confirmed");
  await served.outbox.settled();
  expect(readOrder(served.pantry, number).state).toBe("confirmed");
  const failed = await entriesOf(
    `action:email.sent outcome:failure data.type:order-confirmation target:participant/${customers[name]}`,
  );
  expect(failed.at(-1)!.event).toMatchObject({ error: { code }, actor: { name: "Mira Okafor" } });
  // What is refused for good is not tried again, the rest is once.
  expect(failed.map(({ event }) => (event.data as { retries: number }).retries)).toEqual(name === "ref" ? [0] : [0, 1]);
  expect(JSON.stringify(failed.map(({ event }) => event.error))).not.toContain(`${name}@`);
  await visitor.page.context().close();
});

test("a mail that bounces, or of which somebody complains, is told later by its message id", async () => {
  const letter = mail.letters.find(({ to }) => to === "ana@example.com")!;
  const inbox = await visit(browser, mail.inboxUrl);
  await inbox.go(`letters/${letter.id}`);
  await inbox.press("bounced");
  await soon(async () => (await entriesOf("action:email.bounced")).length).toBe(1);
  const [bounced] = await entriesOf("action:email.bounced");
  expect(bounced!.event).toMatchObject({
    outcome: "failure",
    data: { messageId: letter.messageId, recipient: "ana@example.com" },
  });
  const [sent] = await entriesOf(`id:${bounced!.event.causationId}`);
  expect(sent!.event).toMatchObject({ action: "email.sent", data: { messageId: letter.messageId } });
  const refused = await fetch(`${served.url}mail-notices`, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect(refused.status).toBe(401);
});

test("vouchers for a program are shown first, and those who cannot have one are skipped with the reason", async () => {
  await mira.go("staff/vouchers/bulk?program=Neighbourhood&kind=grocery");
  const preview = await mira.text();
  expect(preview).toMatch(new RegExp(`${customers["off"]}\\s+off Pop\\s+not active`));
  expect(preview).toMatch(new RegExp(`${customers["nobody"]}\\s+nobody Pop\\s+nobody in the household`));
  // Somebody else makes one in between: what is confirmed would be something else than what was shown.
  for (let index = 0; index < 2; index += 1) createVoucher(served.pantry, customers["ana"]!, { kind: "grocery" });
  await mira.press("Make these 3 vouchers");
  expect(await mira.text()).toContain("Something has changed since the preview.");
  await mira.go("staff/vouchers/bulk?program=Neighbourhood&kind=grocery");
  await mira.press("Make these 2 vouchers");
  await soon(() => mira.text()).toContain("2 vouchers are made, 3 participants were skipped.");
  const [made] = await entriesOf("action:pantry.vouchers-made");
  const data = made!.event.data as { made: string[]; skipped: { participant: string; reason: string }[] };
  expect(data.made).toHaveLength(2);
  expect(Object.fromEntries(data.skipped.map(({ participant, reason }) => [participant, reason]))).toEqual({
    ...{
      [customers["off"]!]: "not active",
      [customers["nobody"]!]: "nobody in the household",
      [customers["ana"]!]: "has 4 vouchers already",
    },
  });
});

test("mail texts can be seen before they are kept, and the change is recorded", async () => {
  await mira.go("staff/mails/voucher-created");
  await mira.fill("Subject", "{{amount}} more for you, {{name}}");
  await mira.press("Preview");
  await soon(() => mira.text()).toContain("110.00 more for you, Ana Pop");
  expect(await entriesOf("action:pantry.mail-type-changed")).toEqual([]);
  await mira.fill("Subject", "{{amount}} for {{nobody}}");
  await mira.press("Save");
  await soon(() => mira.text()).toContain("Mails of this kind have no {{nobody}}");
  await mira.go("staff/mails/voucher-created");
  await mira.fill("Subject", "{{amount}} more for you");
  await mira.press("Save");
  await soon(() => mira.text()).toContain("Saved.");
  const [changed] = await entriesOf("action:pantry.mail-type-changed");
  expect(changed!.event.changed).toEqual(["/subject"]);
});

test("orders are taken in the program's windows only, and while it pauses with vouchers for the pause", async () => {
  const { pantry } = served;
  pantry.trail.with(setUp, () => changeWindows(pantry, "Neighbourhood", []));
  await placeOrder(ana, { "Rice, 1 kg": 1 });
  await soon(() => ana.text()).toContain("orders are not taken at this time");
  const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: "00:00", closes: "24:00" }));
  pantry.trail.with(setUp, () => changeWindows(pantry, "Neighbourhood", always));
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
  await mira.go("staff/programs");
  await mira.page.locator("form[action='/staff/pauses'] select").selectOption("Neighbourhood");
  await mira.page.getByLabel("From").fill(day(-1));
  await mira.page.getByLabel("Until").fill(day(1));
  await mira.press("Plan a pause");
  await soon(() => mira.text()).toContain("The pause is planned.");
  // The two oldest count, one and a half times.
  expect(balances("ana").available).toBe(315_00);
  applyVoucher(pantry, "V-9");
  expect(balances("ana").available).toBe(315_00);
  await ana.go("");
  expect(await ana.text()).toContain("does not count while the program pauses");
});

test("people see what is theirs: each refusal is recorded, and nobody's logs are a participant's to read", async () => {
  await ana.go("staff/participants");
  expect(await ana.text()).toContain("This page is for staff.");
  await mira.go("super/sql");
  expect(await mira.text()).toContain("This page is for superusers.");
  await ana.go("orders/ORD-20260101-BCDFGH");
  expect(await ana.text()).toContain("There is no order");
  await soon(async () =>
    (await entriesOf("log:http outcome:denied")).map(({ event }) => [event.actor.name, event.context!.route]),
  ).toEqual([
    [undefined, "/mail-notices"],
    ["ana Pop", "/staff/participants"],
    ["Mira Okafor", "/super/sql"],
  ]);
  const forged = await fetch(`${served.url}sign-in`, {
    ...{ method: "POST", body: "login=a&password=b" },
    headers: { origin: "https://elsewhere.example", "content-type": "application/x-www-form-urlencoded" },
  });
  expect(forged.status).toBe(403);
  for (const method of ["DELETE", "PUT", "PATCH"]) {
    const answer = await fetch(`${served.consoleUrl}api/v1/entries/1`, { method });
    expect([404, 405]).toContain(answer.status);
  }
});

test("staff come into the console with their own sign-in; staff read names, superusers restricted logs too", async () => {
  await mira.go("staff");
  await mira.page.getByRole("link", { name: "Failed mails today" }).click();
  await soon(() => mira.page.locator("body").innerText()).toContain("Reports");
  await soon(() => mira.page.locator("body").innerText()).toContain("order-confirmation");
  const logs = async (visitor: Visitor) => visitor.page.locator("nav").first().innerText();
  await soon(() => logs(mira)).toContain("Voucher log");
  expect(await logs(mira)).not.toContain("Sign-in log");
  await mira.page.goto(`${served.consoleUrl}#/log/email?q=data.recipient:ana@example.com`);
  const recipients = async () =>
    (await mira.page.locator(".entry-row").allInnerTexts()).map((text) => /\S+@\S+/.exec(text)?.[0]);
  await soon(async () => [...new Set(await recipients())]).toEqual(["ana@example.com"]);
  await mira.page.getByRole("region", { name: "Outcome" }).waitFor();
  const tomas = await visit(browser, served.url);
  await tomas.signIn("tomas", password);
  await soon(() => tomas.text()).toContain("Failed mails today");
  await tomas.go("staff/console?to=%2Flog%2Fsign-in");
  await soon(() => logs(tomas)).toContain("Sign-in log");
  const arrived = await entriesOf("action:auditrail.signed-in");
  expect(arrived.map(({ event }) => event.actor.name)).toEqual(["Food pantry", "Mira Okafor", "Tomás Herrera"]);
});

test("a superuser's statement against the logs is refused, and recorded", async () => {
  const tomas = await visit(browser, served.url);
  await tomas.signIn("tomas", password);
  await tomas.go("super/sql");
  await tomas.fill("Statement", "DELETE FROM auditrail_entry");
  await tomas.fill("Why", "nobody needs to know");
  await tomas.press("Run it");
  await soon(() => tomas.text()).toContain("not authorized");
  const [attempt] = await entriesOf("action:pantry.statement-run");
  expect(attempt!.event).toMatchObject({
    ...{ outcome: "failure", actor: { name: "Tomás Herrera" }, reason: "nobody needs to know" },
    data: { statement: "DELETE FROM auditrail_entry" },
  });
});

test("a superuser deletes a participant: the name is gone from the pantry and from the logs, the history is not", async () => {
  const tomas = await visit(browser, served.url);
  await tomas.signIn("tomas", password);
  await soon(() => tomas.text()).toContain("Failed mails today");
  const number = customers["nobody"]!;
  await tomas.go(`staff/participants/${number}`);
  await tomas.fill("Why", "asked to be forgotten");
  await tomas.page.getByLabel("erase the personal data").check();
  await tomas.press("Delete this participant");
  await soon(() => tomas.text()).toContain("the personal data in the logs erased");
  await tomas.go("staff/participants?q=nobody");
  expect(await tomas.text()).toContain("Nobody is called that.");
  const history = await entriesOf(`target:participant/${number}`);
  expect(history.map(({ event }) => event.action)).toEqual([
    ...["pantry.participant-registered", "pantry.password-changed", "email.sent", "pantry.participant-deleted"],
  ]);
  expect(JSON.stringify(history)).not.toMatch(/nobody Pop|nobody@/);
  expect(await entriesOf("action:auditrail.shredded")).toHaveLength(1);
  expect(history[3]!.event).toMatchObject({ actor: { name: "Tomás Herrera" }, reason: "asked to be forgotten" });
});

test("a password that came by mail is good once, and in nothing that is kept", async () => {
  const person = await visit(browser, served.url);
  await person.go("forgotten");
  await person.page.getByLabel("Customer number").fill(customers["ana"]!);
  await person.press("Send a new one");
  await soon(() => mail.letters[0]?.subject).toBe("Your new password");
  const temporary = /[a-z0-9]{4}(-[a-z0-9]{4}){3}/.exec(mail.letters[0]!.text)![0];
  await person.signIn(customers["ana"]!, temporary);
  await soon(() => person.text()).toContain("Choose a password of your own.");
  await person.fill("New password", "canary-chosen-password-3");
  await person.press("Change it");
  await soon(() => person.text()).toContain("Your password is changed.");
  const cookies = await person.page.context().cookies();
  const session = cookies.find(({ name }) => name === "pantry")!;
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  await person.press("Sign out");
  await person.signIn(customers["ana"]!, temporary);
  expect(await person.text()).toContain("Name and password do not belong together.");

  const timelineToken = await served.desk.timelineToken("voucher/V-1");
  await served.pantry.trail.flush();
  const canaries = [
    password,
    temporary,
    session.value,
    timelineToken,
    noticeKey,
    ...["wrong-password-1", "wrong-password-2", "chosen-password-3"].map((each) => `canary-${each}`),
  ];
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(2);
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name));
    for (const canary of canaries) expect(bytes.includes(canary), `${canary} in ${name}`).toBe(false);
  }
  const exported = JSON.stringify(await entriesOf(""));
  for (const canary of canaries) expect(exported.includes(canary), canary).toBe(false);
  // What it looks for is there to be found.
  expect(exported).toContain("nobody-of-that-name");
});
