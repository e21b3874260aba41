/** axe (WCAG 2.2 A and AA) on the main pages, in light, in dark and on a phone. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { expectAccessible } from "./axe.ts";
import { closeContexts, expectNoMishap, sharedBrowser, openPage, picture, row, setUp, visit } from "./browser.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

let browser: Browser;
let server: ShopServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), openShopServer()]);
  page = await openPage(
    await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" }),
    server,
  );
  await page.goto(server.setUpUrl);
  await page.getByRole("heading", { name: "Set up" }).waitFor();
  await expectAccessible(page);
  expectNoMishap(page);
  await setUp(page, server);
}, 60_000);
afterAll(async () => {
  await closeContexts(browser);
  await server?.close();
});

const places = {
  activity: ["/", ".entry-row"],
  entry: ["/?q=action%3Asign-in.roleChanged", ".entry-row"],
  log: ["/log/voucher", ".entry-row"],
  timeline: ["/timeline?actor=user%2F7", ".timeline-entry"],
  report: ["/reports", ".report tbody tr"],
  catalogue: ["/catalogue", ".report tbody tr"],
  people: ["/people", ".report tbody tr"],
  account: ["/account", "form"],
} as const;

async function open(name: keyof typeof places): Promise<void> {
  const [path, ready] = places[name];
  await visit(page, server, path);
  await page.locator(ready).first().waitFor();
  if (name !== "entry") return;
  await row(page).first().click();
  await page.locator(".drawer h2").waitFor();
  await page.getByRole("button", { name: "Verify in this browser" }).click();
  await page.locator(".steps").waitFor();
}

test.each(Object.keys(places) as (keyof typeof places)[])("%s", async (name) => {
  await open(name);
  await expectAccessible(page);
  expectNoMishap(page);
});

test.each(["activity", "entry", "report"] as const)("%s, in the dark", async (name) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(name);
  await expectAccessible(page);
  expectNoMishap(page);
  await picture(page, `30-dark-${name}`);
});

test("on a phone nothing is wider than the screen, and the pages are as accessible", async () => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["activity", "entry", "timeline", "report"] as const) {
    await open(name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    expectNoMishap(page);
    await picture(page, `40-phone-${name}`);
    if (name !== "report") continue;
    // What a phone leaves out is left out of the totals too.
    expect(await page.locator(".report tfoot td:visible").count()).toBe(
      await page.locator(".report thead th.number:visible").count(),
    );
  }
  await visit(page, server, "/");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Order log" }).waitFor();
  await picture(page, "41-phone-menu");
  await expectAccessible(page);
  expectNoMishap(page);
});
