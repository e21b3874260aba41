/** The other pages, and who may see what. */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import {
  expectNoMishap,
  sharedBrowser,
  closeContexts,
  openPage,
  password,
  picture,
  row,
  setUp,
  signIn,
  soon,
  visit,
} from "./browser.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

const prefix = "/audit/pantry";
let browser: Browser;
let server: ShopServer;
let page: Page;
const contexts: BrowserContext[] = [];

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" });
  contexts.push(context);
  return context;
}

beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), openShopServer({ prefix })]);
  page = await openPage(await newContext(), server);
  await setUp(page, server);
}, 60_000);
afterEach(() => expectNoMishap(page));
afterAll(async () => {
  await closeContexts(browser);
  await server?.close();
});

test("all of it works under a prefix", () => {
  expect(new URL(page.url()).pathname).toBe(`${prefix}/`);
});

test("a log's page has the columns and filters that its catalogue entry names", async () => {
  await page.getByRole("link", { name: "E-mail log" }).click();
  await row(page).first().waitFor();
  expect(await page.getByRole("columnheader").allTextContents()).toEqual([
    ...["When", "Kind", "Recipient", "Subject", "Outcome", "Error message"],
  ]);
  await page.getByRole("region", { name: "Kind" }).waitFor();
  expect(await row(page).first().textContent()).toContain("order-confirmation");
  await picture(page, "10-log-email");
  await page.getByRole("link", { name: "Voucher log" }).click();
  await page.getByRole("columnheader", { name: "State before" }).waitFor();
  await picture(page, "11-log-voucher");
});

test("a log without entries shows how to record the first", async () => {
  await visit(page, server, "/log/newsletter");
  await page.getByRole("heading", { name: "Nothing yet" }).waitFor();
  expect(await page.locator("pre.raw").textContent()).toContain("trail.record(");
});

test("an entry leads to the timelines of its target and of its operation, oldest first", async () => {
  await visit(page, server, "/?q=action%3Aorder.refunded");
  await row(page).first().click();
  await page.getByRole("link", { name: "All of this target" }).first().click();
  await page.getByRole("heading", { name: /History of/ }).waitFor();
  const sentences = page.locator(".timeline-sentence");
  await sentences.first().waitFor();
  expect((await sentences.allTextContents()).at(-1)).toContain("refunded 20.00 of order 1042");
  await picture(page, "12-timeline");
  await visit(page, server, "/?q=action%3Avoucher.applied");
  await row(page).first().click();
  await page.getByRole("link", { name: "All of this operation" }).click();
  await page.getByRole("heading", { name: /Operation/ }).waitFor();
  await soon(() => page.locator(".timeline-entry").count()).toBeGreaterThan(3);
});

test("a report counts, and each of its numbers leads to as many entries", async () => {
  await visit(page, server, "/reports?q=-log%3Aauditrail&rows=log&columns=outcome");
  const line = page.getByRole("row", { name: /^email/ });
  await line.waitFor();
  expect(await page.getByRole("columnheader").allTextContents()).toEqual([
    ...["Log", "Share", "success", "failure", "denied", "Total"],
  ]);
  const failed = line.getByRole("link").nth(1);
  const count = Number(await failed.textContent());
  await picture(page, "13-report");
  await failed.click();
  await soon(() => page.locator(".histogram figcaption strong").textContent()).toBe(String(count));
  expect(await page.locator(".query-chip").allTextContents()).toEqual([
    "notlog:auditrail",
    "log:email",
    "outcome:failure",
  ]);
});

test("the delivery report of a log is ready made, keeps the time that was chosen, and prints without what is around it", async () => {
  await visit(page, server, "/reports");
  await page.getByRole("combobox", { name: "Time" }).selectOption("Last 30 days");
  await page.getByRole("button", { name: "E-mail log" }).click();
  await page.getByRole("heading", { name: "E-mail log" }).waitFor();
  const line = page.getByRole("row", { name: /^order-confirmation/ });
  await line.waitFor();
  const [sent, failed, total] = (await line.getByRole("link").allTextContents()).map(Number);
  expect(sent! + failed!).toBe(total);
  await picture(page, "13-delivery-report");
  await page.emulateMedia({ media: "print" });
  expect(await page.getByRole("navigation").isVisible()).toBe(false);
  expect(await page.locator(".only-print").textContent()).toContain("log:email after:now-30d");
  await picture(page, "13-delivery-report-printed");
  await page.emulateMedia({ media: null });
  await page.getByRole("row", { name: /^All/ }).getByRole("link").last().click();
  await soon(() => page.locator(".histogram figcaption strong").textContent()).toBe(String(total));
});

test("a report by day is a CSV too", async () => {
  await visit(page, server, "/reports?rows=day&columns=none");
  await page.getByRole("row").nth(3).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString().trimEnd().split("\r\n");
  expect(lines[0]).toBe("Day,count,total");
  expect(lines.length).toBeGreaterThan(10);
});

test("the catalogue names every action with its meaning and its events", async () => {
  await visit(page, server, "/catalogue");
  const line = page.getByRole("row", { name: /^refunded/ });
  await soon(() => line.textContent()).toContain("required");
  await soon(() => line.textContent()).toMatch(/1$/);
  await picture(page, "14-catalogue");
});

test("the trail's state stands below every page", async () => {
  await soon(() => page.locator(".trust").textContent()).toMatch(/entries.*Last event.*Signed up to.*No gaps/);
});

test("a search is saved, found again, and forgotten", async () => {
  await visit(page, server, "/log/email?q=outcome%3Afailure&columns=time,data.subject");
  await page.getByRole("button", { name: "Saved searches" }).click();
  await page.getByLabel("Name of the search").fill("Mails that failed");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Mails that failed" }).click();
  await soon(() => page.locator(".query-chip").allTextContents()).toEqual(["log:email", "outcome:failure"]);
  expect(await page.getByRole("columnheader").allTextContents()).toEqual(["When", "Subject"]);
  await page.getByRole("button", { name: "Saved searches" }).click();
  await page.getByRole("button", { name: "Forget Mails that failed" }).click();
  await soon(() => page.getByRole("link", { name: "Mails that failed" }).count()).toBe(0);
});

test("an administrator adds a person, makes a key that is shown once, and revokes it", async () => {
  await visit(page, server, "/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.getByLabel("Name or e-mail address").fill("vera");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("row", { name: /^vera/ }).waitFor();
  await picture(page, "15-people");
  await visit(page, server, "/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByLabel("What it is for").fill("nightly export");
  await page.getByRole("button", { name: "Make it" }).click();
  const secret = (await page.locator(".secret").textContent())!;
  expect(secret.length).toBeGreaterThan(20);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("row", { name: /nightly export/ }).waitFor();
  expect(await page.content()).not.toContain(secret);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Revoke nightly export" }).click();
  await page.getByText("revoked", { exact: true }).waitFor();
});

test("a viewer sees neither restricted logs nor personal data nor the administration", async () => {
  const viewer = await openPage(await newContext(), server);
  await signIn(viewer, server, "vera");
  await row(viewer).first().waitFor();
  expect(await viewer.getByRole("link", { name: "Sign-in log" }).count()).toBe(0);
  expect(await viewer.getByRole("link", { name: "People" }).count()).toBe(0);
  await visit(viewer, server, "/log/email");
  const note = viewer.getByText("Left out, because it is personal data:");
  await soon(() => note.textContent()).toBe("Left out, because it is personal data: Recipient.");
  await visit(viewer, server, "/?q=log%3Aemail");
  await row(viewer).first().waitFor();
  expect(await viewer.content()).not.toContain("@example.com");
  await row(viewer).first().click();
  await viewer.locator(".drawer .mark-masked").first().waitFor();
  await picture(viewer, "16-viewer-masked");
  await visit(viewer, server, "/?q=log%3Asign-in");
  await viewer.getByRole("heading", { name: /Nothing/ }).waitFor();
  await visit(viewer, server, "/log/sign-in");
  await viewer.getByRole("heading", { name: "Not a log that you may read" }).waitFor();
  await visit(viewer, server, "/people");
  await viewer.getByRole("heading", { name: "Not for your role" }).waitFor();
  await visit(viewer, server, "/?q=actor.email%3Amira%40example.com");
  await viewer.getByRole("heading", { name: "Not for your role" }).waitFor();
  expectNoMishap(viewer);
});

test("staff see names and search by them, and no restricted log", async () => {
  await visit(page, server, "/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name or e-mail address").fill("stella");
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByLabel("viewer").uncheck();
  await dialog.getByLabel("Reads the logs of all staff, with personal data; no restricted logs").check();
  await picture(page, "15-people-staff");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("row", { name: /^stella staff/ }).waitFor();
  const staff = await openPage(await newContext(), server);
  await signIn(staff, server, "stella");
  await visit(staff, server, "/log/email?q=actor.email%3Amira%40example.com%20OR%20data.recipient%3A*%40example.com");
  await row(staff).first().waitFor();
  expect(await row(staff).first().textContent()).toContain("@example.com");
  expect(await staff.getByRole("link", { name: "Sign-in log" }).count()).toBe(0);
  await visit(staff, server, "/log/sign-in");
  await staff.getByRole("heading", { name: "Not a log that you may read" }).waitFor();
  expectNoMishap(staff);
});

test("a wrong password is refused in plain words; signing out leaves nothing behind", async () => {
  const other = await openPage(await newContext(), server);
  await other.goto(server.url);
  await other.getByLabel("Name").fill("vera");
  await other.getByLabel("Password").fill("not the password");
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByText("The name or the password is wrong.").waitFor();
  await other.getByLabel("Password").fill(password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.waitForSelector(".shell");
  await other.getByRole("button", { name: "vera" }).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await other.content()).not.toContain("order.packed");
  expectNoMishap(other);
});
