/** The console in Chromium, signed in, nothing cached. */

import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser, type Page } from "playwright-core";

import type { ServedTrail } from "./served-trail.ts";

export async function openBrowser(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** A page that is on its way to the console's first list; closing its context forgets all. */
export async function openConsole(browser: Browser, { url, cookie }: ServedTrail): Promise<Page> {
  const [name = "", value = ""] = cookie.split("=", 2);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: "Strict" }]);
  const page = await context.newPage();
  await page.goto(`${url}/`, { waitUntil: "commit" });
  return page;
}
