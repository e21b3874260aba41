/** A real Chromium before a real application: pages that fail for whatever they must not do. */

import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";

export async function launchBrowser(): Promise<Browser> {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", ...quiet];
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** Somebody at a browser of their own. */
export interface Visitor {
  readonly page: Page;
  /** Into the pantry. */
  signIn(login: string, password: string): Promise<void>;
  go(path: string): Promise<void>;
  press(button: string): Promise<void>;
  fill(label: string, value: string): Promise<void>;
  /** What stands in the page. */
  text(): Promise<string>;
  /** Nothing was thrown, blocked or asked for elsewhere. */
  expectNoMishap(): void;
}

export async function visit(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const mishaps: string[] = [];
  page.on("pageerror", (error) => mishaps.push(`threw: ${error.message}`));
  page.on("console", (message) => {
    // Refusals are part of what is tested; the browser reports each as an error of its own.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isRefusal) mishaps.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) mishaps.push(`asked for ${request.url()}`);
  });
  const go = async (path: string): Promise<void> => void (await page.goto(url + path));
  return {
    page,
    go,
    async signIn(login, password) {
      await go("sign-in");
      await page.getByLabel("Customer number or name").fill(login);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
    },
    press: (button) => page.getByRole("button", { name: button, exact: true }).click(),
    fill: (label, value) => page.getByLabel(label).fill(value),
    text: () => page.locator("main").innerText(),
    expectNoMishap: () => expect(mishaps).toEqual([]),
  };
}

/** What becomes true in a while; long, because machines are busy. */
export function soon<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: 15_000 });
}
