/** A real Chromium, and pages in it that fail for whatever a console must not do. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

import type { ShopServer } from "./shop-server.ts";

export const password = "correct horse battery";

export async function launchBrowser(): Promise<Browser> {
  // As one process, which these builds are meant for elsewhere, the browser ends with its first page.
  const args = chromium.args.filter((arg) => !["--single-process", "--no-zygote"].includes(arg));
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** What a page did that it must not: errors, blocked scripts, requests to anywhere else. */
const mishaps = new WeakMap<Page, string[]>();

export async function openPage(context: BrowserContext, server: ShopServer): Promise<Page> {
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
    if (!url.startsWith(server.url) && !url.startsWith("blob:")) said.push(`asked for ${url}`);
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
  await page.goto("about:blank");
  await page.goto(`${server.url}#${path}`);
  await page.waitForSelector(".shell");
}

export async function search(page: Page, query: string): Promise<void> {
  const input = page.getByRole("combobox", { name: "Search" });
  await input.fill(query);
  await input.press("Escape");
  await input.press("/");
  await input.fill(query);
  await input.press("Enter");
}

export const row = (page: Page) => page.locator(".entry-row");

const pictures = join(import.meta.dirname, "../screenshots");

/** Kept as build output, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
