/** A real Chromium, and pages in it that fail for whatever a console must not do. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

import type { ShopServer } from "./shop-server.ts";

export const password = "correct horse battery";

let launched: Promise<Browser> | undefined;

/** One for all tests of a process: they have contexts of their own, which share nothing. It ends with the process. */
export function sharedBrowser(): Promise<Browser> {
  // Not the package's own arguments: those are for a cloud's functions, with one process and drawing in software.
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", ...quiet];
  launched ??= chromium
    .executablePath()
    .then((executablePath) => driver.launch({ executablePath, args, headless: true }));
  return launched;
}

/** Of a file that is through: the browser goes on to the next. */
export async function closeContexts(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}

/** What a page did that it must not: errors, blocked scripts, requests to anywhere else. */
const mishaps = new WeakMap<Page, string[]>();

/** `alsoFrom` is the page of an application that stands before the server. */
export async function openPage(context: BrowserContext, server: ShopServer, alsoFrom?: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const said: string[] = [];
  mishaps.set(page, said);
  page.on("pageerror", (error) => said.push(`threw: ${error.message}`));
  page.on("console", (message) => {
    // Refusals are part of what is tested; the browser reports each as an error of its own.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isRefusal) said.push(message.text());
  });
  page.on("request", (request) => {
    const url = request.url();
    const isKnown = [server.url, "blob:", ...(alsoFrom === undefined ? [] : [alsoFrom])].some((own) =>
      url.startsWith(own),
    );
    if (!isKnown) said.push(`asked for ${url}`);
  });
  return page;
}

export function expectNoMishap(page: Page): void {
  expect(mishaps.get(page)).toEqual([]);
}

/** Makes the first person by the link from the terminal, as a person does. */
export async function setUp(page: Page, server: ShopServer, { reveals = true } = {}): Promise<void> {
  await page.goto(server.setUpUrl);
  await page.getByLabel("Name").fill("mira");
  await page.getByLabel("Password").fill(password);
  if (!reveals) await page.getByRole("checkbox").uncheck();
  await page.getByRole("button", { name: "Set up" }).click();
  await page.waitForSelector(".shell");
}

export async function signIn(page: Page, server: ShopServer, name: string): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForSelector(".shell");
}

/** Goes to a place of the console: a path behind the `#`. */
export async function visit(page: Page, server: ShopServer, path: string): Promise<void> {
  if (!page.url().startsWith(server.url)) await page.goto(server.url);
  await page.waitForSelector(".shell");
  // Where it is already, nothing would be read again.
  await page.evaluate((to) => {
    history.replaceState(null, "", "#/nowhere");
    location.hash = to;
  }, path);
}

/** What becomes true in a while; longer than vitest's own second, because machines are busy. */
export function soon<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: 10_000 });
}

export const row = (page: Page) => page.locator(".entry-row");

const pictures = join(import.meta.dirname, "../screenshots");

/** Kept as build output, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.waitForTimeout(120);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
