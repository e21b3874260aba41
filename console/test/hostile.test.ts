/** Events that somebody wrote to be seen by whoever investigates: they are shown, and do nothing. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { closeContexts, expectNoMishap, sharedBrowser, openPage, picture, row, setUp, soon, visit } from "./browser.ts";
import { hostileTexts } from "./shop/hostile-events.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

let browser: Browser;
let server: ShopServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), openShopServer()]);
  page = await openPage(await browser.newContext({ viewport: { width: 1440, height: 900 } }), server);
  await setUp(page, server);
}, 60_000);
afterAll(async () => {
  await closeContexts(browser);
  await server?.close();
});

/** Characters that would act on the page, or hide in it; line breaks are the page's own. */
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

async function expectHarmless(): Promise<void> {
  expect(await page.evaluate("window.owned")).toBeUndefined();
  expect(await page.locator("body").innerText()).not.toMatch(hidden);
  // Labels and titles are read out and shown as well.
  const attributes = await page.evaluate(() =>
    [...document.querySelectorAll("*")].flatMap((element) =>
      ["title", "aria-label", "placeholder"].map((name) => element.getAttribute(name) ?? ""),
    ),
  );
  expect(attributes.filter((text) => hidden.test(text))).toEqual([]);
  expect(await page.locator('a[href^="javascript:"], main img, main script').count()).toBe(0);
  expectNoMishap(page);
}

test("in the list, in the facets and in completion", async () => {
  await visit(
    page,
    server,
    "/?q=action%3Abot.hostile&columns=time,outcome,sentence,actor,target,message,reason,ip,changes",
  );
  await soon(() => row(page).count()).toBe(Object.keys(hostileTexts).length);
  await expectHarmless();
  await picture(page, "20-hostile-list");
  await page.getByRole("combobox", { name: "Search" }).fill("actor:stranger");
  await page.locator(".suggestions li").first().waitFor();
  await expectHarmless();
});

test.each(Object.keys(hostileTexts))("in the entry: %s", async (name) => {
  await visit(page, server, `/?q=action%3Abot.hostile%20data.case%3A${name}`);
  await row(page).first().click();
  await page.locator(".drawer h2").waitFor();
  await page.getByRole("button", { name: "Show JSON" }).click();
  await page.getByRole("button", { name: /Show the stack/ }).click();
  await expectHarmless();
  if (name === "bidi" || name === "lines") await picture(page, `21-hostile-${name}`);
});

test("in timelines, reports and searches that are made of them", async () => {
  await visit(page, server, "/timeline?operation=hostile");
  await page.locator(".timeline-entry").nth(5).waitFor();
  await expectHarmless();
  await visit(page, server, "/reports?q=action%3Abot.hostile&rows=actor&columns=message");
  await page.locator(".report tbody tr").nth(5).waitFor();
  await expectHarmless();
  await visit(page, server, "/?q=action%3Abot.hostile");
  await row(page).first().waitFor();
  // The chip of a name full of signs asks for exactly that name.
  for (const name of ["bidi", "attribute", "lines", "terminal"] as const) {
    await visit(page, server, `/?q=action%3Abot.hostile%20data.case%3A${name}`);
    await row(page).first().locator(".chip-button").first().click();
    await soon(() => page.locator(".query-chip").count()).toBe(3);
    await soon(() => row(page).count()).toBe(1);
    await expectHarmless();
  }
});
