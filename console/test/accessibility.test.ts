/** axe (WCAG 2.2 A and AA) on the main pages, in light, in dark and on a phone. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { expectNoMishap, launchBrowser, openPage, picture, row, setUp, visit } from "./browser.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser: Browser;
let server: ShopServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openShopServer()]);
  page = await openPage(
    await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" }),
    server,
  );
  await page.goto(server.setUpUrl);
  await page.getByRole("heading", { name: "Set up" }).waitFor();
  await expectAccessible();
  await setUp(page, server);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function expectAccessible(): Promise<void> {
  // By the debugger's road: the page's own policy lets no script in, and shall not.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await page.evaluate<AxeResult, readonly string[]>(
    (values) =>
      (window as unknown as { axe: { run: (options: object) => Promise<AxeResult> } }).axe.run({
        runOnly: { type: "tag", values },
      }),
    tags,
  );
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`)
        .join(" | ")}`,
  );
  expect(found).toEqual([]);
  expectNoMishap(page);
}

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
  await expectAccessible();
});

test.each(["activity", "entry", "report"] as const)("%s, in the dark", async (name) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await open(name);
  await expectAccessible();
  await picture(page, `30-dark-${name}`);
});

test("on a phone nothing is wider than the screen, and the pages are as accessible", async () => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["activity", "entry", "timeline", "report"] as const) {
    await open(name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible();
    await picture(page, `40-phone-${name}`);
  }
  await visit(page, server, "/");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Order log" }).waitFor();
  await picture(page, "41-phone-menu");
  await expectAccessible();
});
