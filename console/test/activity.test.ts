/** The list: searching it, narrowing it down, following it, and opening an entry. */

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import {
  addSignature,
  cosign,
  createSignerKey,
  formatSignedNote,
  formatVerifierKey,
  parseSignedNote,
  signatureTypes,
  verifierKeyOf,
} from "auditrail/integrity";

import { closeContexts, expectNoMishap, sharedBrowser, openPage, picture, row, setUp, soon, visit } from "./browser.ts";
import { openShopServer, type ShopServer } from "./shop-server.ts";

let browser: Browser;
let server: ShopServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), openShopServer()]);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" });
  page = await openPage(context, server);
  await page.goto(server.setUpUrl);
  await picture(page, "01-set-up");
  await setUp(page, server);
}, 60_000);
afterEach(() => expectNoMishap(page));
afterAll(async () => {
  await closeContexts(browser);
  await server?.close();
});

const query = () => new URL(page.url()).hash.split("?")[1] ?? "";
const parameter = (name: string) => new URLSearchParams(query()).get(name);
const searchBox = () => page.getByRole("combobox", { name: "Search" });
const drawer = () => page.locator(".drawer");

async function ask(text: string): Promise<void> {
  await searchBox().fill(text);
  await searchBox().press("Enter");
}

test("the newest entries come first, each with outcome in words, sentence, action, actor and target", async () => {
  await visit(page, server, "/?q=-log%3Aauditrail");
  await row(page).first().waitFor();
  const first = row(page).first();
  expect(await first.locator(".sentence").textContent()).toBe("Mira Okafor packed order 1999");
  expect(await first.locator(".action").textContent()).toBe("order.packed");
  expect(await first.locator(".outcome").textContent()).toBe("Success");
  expect(await first.locator("time").getAttribute("title")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
  expect(await first.locator(".chip-button").count()).toBe(2);
  // Only what is on the screen is in the document.
  expect(await row(page).count()).toBeLessThan(60);
  await page.waitForSelector(".histogram .bar");
  await picture(page, "02-activity");
});

test("the list waits for no chart and no facets: they are counted when it is there", async () => {
  const order: string[] = [];
  page.on("response", (response) => void (/\/entries\?/.test(response.url()) && order.push("entries came")));
  let release: () => void = () => undefined;
  const listed = new Promise<void>((resolve) => (release = resolve));
  const counting = /\/(histogram|facets)\?/;
  await page.route(counting, async (route) => {
    order.push("counts asked");
    await listed;
    await route.continue();
  });
  await visit(page, server, "/?q=log%3Aorder%20outcome%3Asuccess");
  await soon(() => row(page).first().locator(".action").textContent()).toMatch(/^order\./);
  await soon(() => order.filter((what) => what === "counts asked").length).toBe(2);
  expect(order.indexOf("entries came")).toBe(0);
  release();
  await soon(() => page.locator(".histogram figcaption").textContent()).toMatch(/^1\d\d events/);
  await page.unroute(counting);
});

test("Activity begins without reads, and says so; dropping that shows who has looked at the trail", async () => {
  await visit(page, server, "/");
  await soon(() => page.locator(".query-chip").allTextContents()).toEqual(["notop:read"]);
  expect(await row(page).first().locator(".action").textContent()).not.toMatch(/^auditrail\.re/);
  await page.getByRole("button", { name: "Drop -op:read" }).click();
  await soon(() => row(page).first().locator(".action").textContent()).toMatch(/^auditrail\.(read|revealed)$/);
  expect(await searchBox().inputValue()).toBe("");
});

test("scrolling reads page after page down to the oldest entry", async () => {
  await visit(page, server, "/?q=log%3Avoucher,order,email,validation,sign-in,bot");
  await row(page).first().waitFor();
  const scroller = page.locator(".entry-scroll");
  await soon(async () => {
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    return page.locator('.entry-row[data-seq="0"]').count();
  }).toBe(1);
});

test("a query is asked with Enter, stands in the address, and is chips below", async () => {
  await visit(page, server, "/");
  await ask("log:email -outcome:success");
  await page.waitForSelector(".query-chip.is-negated");
  expect(parameter("q")).toBe("log:email -outcome:success");
  expect(await page.locator(".query-chip").allTextContents()).toEqual(["log:email", "notoutcome:success"]);
  await soon(() => row(page).locator(".outcome-failure").count()).toBeGreaterThan(2);
  await page.getByRole("button", { name: "Drop log:email" }).click();
  await soon(() => parameter("q")).toBe("-outcome:success");
  await soon(() => searchBox().inputValue()).toBe("-outcome:success");
  await page.locator(".query-chip > button").first().click();
  await soon(() => parameter("q")).toBe("outcome:success");
});

test("what cannot be read is underlined in its place, and says what was expected", async () => {
  await visit(page, server, "/?q=log%3Aorder");
  await searchBox().fill("outcme:failure");
  await searchBox().blur();
  expect(await page.locator(".search-mirror mark").textContent()).toBe("outcme");
  expect(await page.getByRole("alert").textContent()).toContain('did you mean "outcome"');
  await picture(page, "03-query-error");
  expect(parameter("q")).toBe("log:order");
});

test("fields and their values are completed from the catalogue and from what was recorded", async () => {
  await visit(page, server, "/");
  await page.keyboard.press("/");
  await page.keyboard.type("outc");
  await page.getByRole("option", { name: /^outcome:/ }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("fai");
  await page.getByRole("option", { name: /^failure/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await soon(() => parameter("q")).toBe("outcome:failure");
  await searchBox().fill("outcome:failure actor:");
  await page.getByRole("option", { name: /^participant\/C-ZQH-5/ }).waitFor();
  await picture(page, "04-completion");
});

test("a facet's value is asked for, left out, and dropped again", async () => {
  await visit(page, server, "/?q=-log%3Aauditrail");
  const outcome = page.getByRole("region", { name: "Outcome" });
  await outcome.getByRole("button", { name: /^failure/ }).click();
  await soon(() => parameter("q")).toBe("-log:auditrail outcome:failure");
  expect(await outcome.getByRole("button", { name: /^failure/ }).getAttribute("aria-pressed")).toBe("true");
  await outcome.getByRole("button", { name: /^failure/ }).click();
  await soon(() => parameter("q")).toBe("-log:auditrail");
  const who = page.getByRole("region", { name: "Who", exact: true });
  await who.getByRole("button", { name: "Leave out service/mailer" }).click();
  await soon(() => parameter("q")).toBe("-log:auditrail -actor:service/mailer");
});

test("dragging over the histogram asks for that time", async () => {
  await visit(page, server, "/?q=-log%3Aauditrail");
  const box = (await page.locator(".histogram svg").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 4 });
  await page.mouse.up();
  await soon(() => parameter("q")).toMatch(/^-log:auditrail time:\d{4}-.*\.\.\d{4}-/);
  await soon(() => page.locator(".histogram figcaption").textContent()).toMatch(/by (hour|day)/);
});

test("following shows an entry as soon as it is recorded; paused, it is counted and waits", async () => {
  await visit(page, server, "/log/system");
  await row(page).first().waitFor();
  await page.getByRole("button", { name: "Live" }).click();
  await page.waitForSelector(".live-dot.state-open");
  const record = server.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
  const log = (message: string) =>
    record("system.logged", { actor: { type: "system" }, message, data: { logger: "apps.live" } });
  await log("the first while following");
  await page.getByText("the first while following").first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await log("the second, while paused");
  await page.getByRole("button", { name: "1 new" }).waitFor();
  expect(await page.getByText("the second, while paused").count()).toBe(0);
  await page.getByRole("button", { name: "1 new" }).click();
  await page.getByText("the second, while paused").first().waitFor();
  expect(parameter("live")).toBe("1");
});

test("an entry opens beside the list with what changed, path by path, and has a link of its own", async () => {
  await visit(page, server, "/?q=action%3Asign-in.roleChanged");
  await row(page).first().click();
  await drawer().getByRole("heading", { name: "Tomás Herrera changed the role of Mira Okafor" }).waitFor();
  const changes = drawer().locator(".changes tbody tr");
  expect(await changes.count()).toBe(5);
  expect(await changes.nth(0).locator("th, td").allInnerTexts()).toEqual(["role", "staff", "lead"]);
  expect(await changes.nth(1).locator("th, td").allInnerTexts()).toEqual([
    ...["permissions › orders › 2", "not there", "refund"],
  ]);
  expect(await drawer().locator(".text-change ins").textContent()).toContain("Leads the evening shift.");
  expect(parameter("entry")).toMatch(/^[0-9a-f-]{36}$/);
  await picture(page, "05-entry-diff");
  const id = parameter("entry")!;
  await drawer().getByRole("link", { name: "Its own page" }).click();
  await page.waitForURL(new RegExp(`#/entry/${id}$`));
  await page.reload();
  await page.getByRole("heading", { name: "Tomás Herrera changed the role of Mira Okafor" }).waitFor();
});

test("what was masked by redaction is marked where it was, and the secret is nowhere", async () => {
  await visit(page, server, "/?q=action%3Abot.habit-completed");
  await row(page).first().click();
  await drawer().locator(".mark-redacted").waitFor();
  expect(await page.content()).not.toContain("never-kept-this-secret");
});

test("columns are picked, and what was found is exported", async () => {
  await visit(page, server, "/?q=log%3Aorder");
  await row(page).first().waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Changes" }).check();
  await page.getByRole("columnheader", { name: "Changes" }).waitFor();
  expect(parameter("columns")).toBe("time,outcome,sentence,actor,target,changes");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV, for spreadsheets" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const [head, ...lines] = Buffer.concat(chunks).toString().split("\r\n");
  // What the list shows, and what a row needs to be found again.
  expect(head).toBe("seq,time,outcome,sentence,actor,target,changes,action");
  expect(lines.join()).toContain("Mira Okafor packed order 1999");
});

test("the time zone stands in the address: whoever is given the link sees its sender's days", async () => {
  await visit(page, server, "/?q=log%3Aorder&zone=Pacific%2FKiritimati");
  await row(page).first().waitFor();
  expect(await row(page).first().locator("time").getAttribute("title")).toMatch(/Pacific\/Kiritimati$/);
  await page.getByRole("button", { name: "Pacific/Kiritimati" }).click();
  await soon(() => parameter("zone")).toBe("UTC");
  await soon(() => row(page).first().locator("time").getAttribute("title")).toMatch(/UTC$/);
  // A page that was asked for without one says which it is; what is no zone is not believed.
  for (const path of ["/reports?q=log%3Aorder", "/?zone=Nowhere%2FAt-all"]) {
    await visit(page, server, path);
    await soon(() => parameter("zone")).toBe("UTC");
  }
  await page.goBack();
  await row(page).first().waitFor();
});

test("chips say in full what a narrow column cuts, and an open drawer leaves the toolbar on one line", async () => {
  await visit(page, server, "/?q=action%3Aorder.exported");
  const chips = row(page).first().locator(".cell-actor .chip-button");
  await chips.first().waitFor();
  expect(await chips.first().getAttribute("title")).toBe("Restock assistant · agent/restock-bot · show only these");
  for (const width of [1280, 1500]) {
    await page.setViewportSize({ width, height: 800 });
    await soon(() => chips.evaluateAll((all) => all.every((chip) => chip.scrollWidth <= chip.clientWidth))).toBe(true);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  const height = () => page.locator(".activity .page-head").evaluate((head) => head.clientHeight);
  const before = await height();
  await row(page)
    .first()
    .click({ position: { x: 4, y: 4 } });
  await drawer().locator("h2").waitFor();
  await soon(height).toBe(before);
  await picture(page, "05-drawer-beside-list");
  await page.setViewportSize({ width: 1024, height: 800 });
  await soon(() => chips.evaluateAll((all) => all.every((chip) => chip.scrollWidth <= chip.clientWidth))).toBe(true);
  const cell = row(page).first().locator(".cell-actor");
  await soon(() => cell.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true);
  await picture(page, "05-drawer-beside-narrow-list");
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("an entry shows what was recorded before and after it, and its JSON", async () => {
  await visit(page, server, "/?q=action%3Aorder.refunded");
  await row(page).first().click();
  await drawer()
    .getByRole("button", { name: /Show what was recorded/ })
    .click();
  await drawer().locator(".near .is-this").waitFor();
  expect(await drawer().locator(".near li").count()).toBe(9);
  await drawer().getByRole("button", { name: "Show JSON" }).click();
  const shown = JSON.parse((await drawer().locator("pre.raw").textContent())!) as { event: { action: string } };
  expect(shown.event.action).toBe("order.refunded");
});

test("the proof is verified in the browser: bytes, leaf, tree, checkpoint, and the key that is trusted", async () => {
  await visit(page, server, "/?q=action%3Aorder.refunded");
  await row(page).first().click();
  await drawer().getByRole("button", { name: "Verify in this browser" }).click();
  await drawer().locator(".step-open", { hasText: "The signature is not checked" }).waitFor();
  expect(await drawer().locator(".step-holds").count()).toBe(4);
  await drawer().getByLabel("Verifier key that you trust").fill(server.verifierKey);
  await drawer().getByText("This entry is what was signed.").waitFor();
  await drawer().locator(".proof").scrollIntoViewIfNeeded();
  await picture(page, "06-proof");
  await drawer().getByLabel("Verifier key that you trust").fill(server.verifierKey.replace(/.{6}$/, "AAAAA="));
  await drawer().locator(".verdict-fails").waitFor();
});

test("witnesses of the checkpoint are named, and their cosignatures verified with the keys that are given", async () => {
  const witness = createSignerKey("witness.example.org", new Uint8Array(32).fill(9), signatureTypes.cosignature);
  await visit(page, server, "/?q=action%3Aorder.exported");
  await page.route("**/proof*", async (route) => {
    const answer = await route.fetch();
    const proof = (await answer.json()) as { checkpoint: { note: string } };
    const note = parseSignedNote(proof.checkpoint.note);
    const cosigned = formatSignedNote(addSignature(note, cosign(note.text, witness, 1_790_000_000)));
    await route.fulfill({ response: answer, json: { ...proof, checkpoint: { ...proof.checkpoint, note: cosigned } } });
  });
  await row(page).first().click();
  await drawer().getByRole("button", { name: "Verify in this browser" }).click();
  await drawer().getByText("Cosigned by witness.example.org, 2026-09-21").waitFor();
  const key = drawer().getByLabel("Verifier key that you trust");
  await key.fill(`${server.verifierKey} ${formatVerifierKey(verifierKeyOf(witness))}`);
  await drawer().locator(".step-holds", { hasText: "Witnessed by witness.example.org" }).waitFor();
  await drawer().locator(".verdict-holds").waitFor();
  const other = createSignerKey("witness.example.org", new Uint8Array(32).fill(8), signatureTypes.cosignature);
  await key.fill(`${server.verifierKey} ${formatVerifierKey(verifierKeyOf(other))}`);
  await drawer().locator(".step-fails", { hasText: "Witnessed by witness.example.org" }).waitFor();
  await key.fill("");
  await page.unroute("**/proof*");
});

test("a proof that does not fit is said to be wrong", async () => {
  await visit(page, server, "/?q=action%3Avoucher.created");
  await page.route("**/proof*", async (route) => {
    const answer = await route.fetch();
    const proof = (await answer.json()) as { text: string };
    await route.fulfill({ response: answer, json: { ...proof, text: proof.text.replace("80.00", "90.00") } });
  });
  await row(page).first().click();
  await drawer().getByRole("button", { name: "Verify in this browser" }).click();
  await drawer().locator(".verdict-fails").waitFor();
  await page.unroute("**/proof*");
});

test("the keyboard searches, walks the list, opens, goes on inside, closes, and explains itself", async () => {
  await visit(page, server, "/?q=log%3Aorder");
  await row(page).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  expect(await row(page).nth(1).getAttribute("aria-current")).toBe("true");
  await page.keyboard.press("Enter");
  await drawer().locator("h2").waitFor();
  const second = parameter("entry");
  await page.keyboard.press("]");
  await soon(() => parameter("entry")).not.toBe(second);
  await page.keyboard.press("[");
  await soon(() => parameter("entry")).toBe(second);
  await page.keyboard.press("Escape");
  await soon(() => drawer().count()).toBe(0);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await soon(() => page.getByRole("dialog").count()).toBe(0);
});

test("when nothing matches, the filter that is in the way is offered with what it would bring back", async () => {
  await visit(page, server, "/?q=log%3Aemail%20outcome%3Adenied");
  const drop = page.locator(".drops button", { hasText: "outcome:denied" });
  await soon(() => drop.textContent()).toMatch(/\+\d{2,}$/);
  await picture(page, "07-nothing-matches");
  await drop.click();
  await row(page).first().waitFor();
  expect(parameter("q")).toBe("log:email");
});

test("a server that does not answer is told apart from an empty list", async () => {
  await page.route("**/api/v1/entries?*", (route) => route.abort());
  await visit(page, server, "/?q=log%3Aorder%20-op%3Aother");
  await page.getByRole("heading", { name: "The server is not reachable" }).waitFor();
  await page.unroute("**/api/v1/entries?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await row(page).first().waitFor();
});
