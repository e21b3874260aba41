/** What applications of other origins have: timelines inside their pages, and links that bring their people into the console. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { handOverLink } from "auditrail/server";

import { expectAccessible } from "./axe.ts";
import { closeContexts, expectNoMishap, sharedBrowser, openPage, picture, setUp, soon } from "./browser.ts";
import { openHostApplication, type HostApplication } from "./host-application.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

const handOverKey = "a key that only the two of them know";
let browser: Browser;
let server: ShopServer;
let host: HostApplication;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), openShopServer({ prefix: "/audit", handOverKey })]);
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, timezoneId: "UTC" });
  const administrator = await openPage(context, server);
  await setUp(administrator, server);
  const key = await administrator.evaluate(async () => {
    const { csrfToken } = (await (await fetch("./api/v1/session")).json()) as { csrfToken: string };
    const response = await fetch("./api/v1/keys", {
      method: "POST",
      headers: { "content-type": "application/json", "x-auditrail-csrf": csrfToken },
      body: JSON.stringify({ label: "pantry", scopes: ["entries:read", "entries:reveal"] }),
    });
    return ((await response.json()) as { secret: string }).secret;
  });
  host = await openHostApplication(server, key);
}, 60_000);
afterAll(async () => {
  await closeContexts(browser);
  await host?.close();
  await server?.close();
});

beforeEach(async () => {
  await page?.context().close();
  server.clock.offsetMs = 0;
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, timezoneId: "UTC" });
  page = await openPage(context, server, host.url);
});

const script = () => `<script src="${server.url}embed.js"></script>`;
const timeline = () => page.locator("auditrail-timeline");
const entries = () => timeline().locator(".entry");

async function open(body: string): Promise<void> {
  host.show(body);
  await page.goto(host.url);
}

test("a page of another origin shows what happened to a voucher, with what changed, in its own font", async () => {
  const { token } = await host.makeToken({ target: "voucher/V-900", reveal: true });
  await open(
    `<h1>Voucher V-900</h1><auditrail-timeline target="voucher/V-900" token="${token}" heading="History" links></auditrail-timeline>${script()}`,
  );
  await entries().first().waitFor();
  expect(await timeline().locator("h2").textContent()).toBe("History");
  expect(await entries().count()).toBe(1);
  expect(await timeline().locator(".sentence").textContent()).toContain("Tomás Herrera created voucher V-900");
  expect(await timeline().locator(".outcome").textContent()).toBe("Success");
  expect(await timeline().locator(".changes li").allInnerTexts()).toEqual([
    ...["balance 80.00", "paused false", "state pending"],
  ]);
  expect(await timeline().evaluate((element) => getComputedStyle(element).fontFamily)).toContain("Georgia");
  expect(await timeline().locator(".sentence a").getAttribute("href")).toMatch(
    new RegExp(`^${server.url}#/entry/[0-9a-f-]{36}$`),
  );
  await expectAccessible(page);
  expectNoMishap(page);
});

test("what was there before and what is there now stand side by side, and long texts are compared by words", async () => {
  const record = server.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
  const note = "Leave it at the door. ".repeat(8);
  await record("order.packed", {
    ...{ actor: { type: "user", id: "7", name: "Mira Okafor" }, target: { type: "order", id: "ORD-1042" } },
    ...{ reason: "packed anew after the refund", operationId: "visit-9-9" },
    before: { state: "placed", shelf: null, note, lines: [{ sku: "tea-blue", refunded: false }] },
    after: {
      state: "packed",
      shelf: "B3",
      note: `${note}Ring twice.`,
      lines: [{ sku: "tea-blue", refunded: true }],
    },
  });
  await record("order.packed", {
    ...{ actor: { type: "user", id: "7" }, target: { type: "order", id: "ORD-1042" } },
    error: new Error("the scale does not answer"),
  });
  const { token } = await host.makeToken({ target: "order/ORD-1042", reveal: true });
  await open(`<auditrail-timeline token="${token}"></auditrail-timeline>${script()}`);
  await entries().first().waitFor();
  expect(await timeline().locator("h2").textContent()).toBe("History of order/ORD-1042");
  const packed = timeline().locator(".entry", { hasText: "packed anew" });
  const changed = packed.locator(".changes li");
  expect(await changed.filter({ hasText: "state" }).locator("del, ins").allInnerTexts()).toEqual(["placed", "packed"]);
  expect(await changed.filter({ hasText: "lines › 0" }).innerText()).toBe("lines › 0 › refunded false → true");
  expect(await packed.locator(".text ins").textContent()).toContain("Ring twice.");
  expect(await packed.locator(".fact").innerText()).toBe("because packed anew after the refund");
  expect(await timeline().locator(".entry.is-failure .problem").innerText()).toBe("error the scale does not answer");
  await picture(page, "50-embedded");
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await picture(page, "51-embedded-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await picture(page, "52-embedded-phone");
  expectNoMishap(page);
});

test("the same in a frame, without names, and with the token behind the mark of its address", async () => {
  const { framePath } = await host.makeToken({ target: "voucher/V-900" });
  expect(framePath).toMatch(/^\/audit\/embed#token=/);
  await open(`<iframe title="History" src="${new URL(framePath, server.url).href}&theme=dark"></iframe>`);
  const inside = page.frameLocator("iframe").locator("auditrail-timeline");
  await inside.locator(".entry").first().waitFor();
  expect(await inside.locator(".sentence").textContent()).toBe("user/9 created voucher/V-900 over 80.00 Success");
  await picture(page, "53-embedded-frame");
  expectNoMishap(page);
});

test("hostile texts are shown and do nothing, in the page of another origin", async () => {
  const { token } = await host.makeToken({ operation: "hostile" });
  await open(`<auditrail-timeline token="${token}" direction="oldest"></auditrail-timeline>${script()}`);
  await soon(() => entries().count()).toBeGreaterThan(10);
  expect(await page.evaluate("window.owned")).toBeUndefined();
  expect(await timeline().locator("img, script, iframe").count()).toBe(0);
  expect(await timeline().innerText()).not.toMatch(/[\u0000-\u0008\u200b\u202e\u2066-\u2069\ufeff\u007f-\u009f]/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(900);
  await picture(page, "54-embedded-hostile");
  expectNoMishap(page);
});

test("a token that has run out says so; with a token-url the page gets a new one by itself", async () => {
  const { token } = await host.makeToken({ target: "voucher/V-900", expiresInSeconds: 60 });
  server.clock.offsetMs = 61_000;
  await open(`<auditrail-timeline token="${token}"></auditrail-timeline>${script()}`);
  await timeline().getByText("This view is good for a short time only, which is over.").waitFor();
  await picture(page, "55-embedded-expired");
  await open(
    `<auditrail-timeline token="${token}" token-url="/history-token/voucher%2FV-900"></auditrail-timeline>${script()}`,
  );
  await entries().first().waitFor();
});

test("a token for another target is refused, and so is one that was altered", async () => {
  const { token, path } = await host.makeToken({ target: "voucher/V-900" });
  await open(`<auditrail-timeline target="voucher/V-104" token="${token}"></auditrail-timeline>${script()}`);
  await timeline().getByText("the permission is for another one").waitFor();
  expect(await entries().count()).toBe(0);
  const forged = token.replace(/^(auditrail_embed_)[^.]+/, `$1${btoa('{"of":"target","reference":"voucher/V-104"}')}`);
  await open(`<auditrail-timeline token="${forged}"></auditrail-timeline>${script()}`);
  await timeline().getByText("the permission is for another one").waitFor();
  // Nothing but its own timeline, by whatever road.
  for (const road of ["api/v1/entries", "api/v1/entries/0", "api/v1/catalogue", "api/v1/export", "api/v1/timelines"]) {
    const response = await fetch(new URL(road, server.url), { headers: { authorization: `Bearer ${token}` } });
    expect([road, response.status]).toEqual([road, 401]);
  }
  const asked = await fetch(new URL(`${path}?target=voucher/V-104`, server.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(asked.status).toBe(401);
});

test("what has no history yet says so, and shows it after it was refreshed", async () => {
  const { token } = await host.makeToken({ target: "voucher/V-77777" });
  await open(`<auditrail-timeline token="${token}"></auditrail-timeline>${script()}`);
  await timeline().getByText("Nothing has been recorded of this yet.").waitFor();
  await picture(page, "56-embedded-empty");
  const record = server.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
  await record("voucher.consumed", {
    actor: { type: "system" },
    target: { type: "voucher", id: "V-77777" },
    after: { state: "consumed", balance: "0.00" },
  });
  await timeline().evaluate((element) => (element as HTMLElement & { refresh(): void }).refresh());
  await entries().first().waitFor();
});

test("a history longer than a page goes on when asked, and a server that is gone says so with a way to try again", async () => {
  const { token } = await host.makeToken({ actor: "service/mailer" });
  await open(`<auditrail-timeline token="${token}"></auditrail-timeline>${script()}`);
  await entries().first().waitFor();
  const first = await entries().count();
  await timeline().getByRole("button", { name: "Show more" }).click();
  await soon(() => entries().count()).toBeGreaterThan(first);
  await page.route("**/embed/timeline*", (route) => route.abort());
  await timeline().evaluate((element) => (element as HTMLElement & { refresh(): void }).refresh());
  await timeline().getByText("does not answer").waitFor();
  await page.unroute("**/embed/timeline*");
  await timeline().getByRole("button", { name: "Try again" }).click();
  await entries().first().waitFor();
});

test("an application hands its people over to the console, once for each link, and never as more than it may", async () => {
  const person = { id: "staff-7", name: "Mira Okafor" };
  const given = { server: server.url, key: handOverKey, person };
  const link = handOverLink({ ...given, to: "/log/voucher?q=state:pending" });
  await open(`<a href="${link.replaceAll("&", "&amp;")}">Audit trail</a>`);
  await page.getByRole("link", { name: "Audit trail" }).click();
  await page.getByRole("heading", { name: "Voucher log" }).waitFor();
  expect(decodeURIComponent(new URL(page.url()).hash)).toBe("#/log/voucher?q=state:pending&zone=UTC");
  await page.getByRole("button", { name: "Mira Okafor" }).click();
  await picture(page, "57-handed-over");
  expect(await page.getByRole("link", { name: "Own password" }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Sign-in log" }).count()).toBe(0);
  expectNoMishap(page);

  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByText("it was used already").waitFor();
  await picture(page, "58-hand-over-refused");
  await page.goto("about:blank");
  await page.goto(handOverLink({ ...given, roles: ["auditor"] }));
  await page.getByText("this server takes no auditor by hand-over").waitFor();
  await page.getByRole("button", { name: "Sign in another way" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});
