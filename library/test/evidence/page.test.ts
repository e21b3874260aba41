/** The page in a real browser, opened from a disk as whoever gets it would. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import chromium from "@sparticuz/chromium";
import { chromium as driver, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { exportEvidence } from "../../src/evidence/index.ts";
import { formatVerifierKey } from "../../src/integrity/note-key.ts";
import { formatTlogPolicy } from "../../src/integrity/policy.ts";
import { openStoreEvidence } from "../../src/verification/store-evidence.ts";
import { openWorld, operator, person, recordOrders } from "../erasure/erasing-world.ts";
import { policyFor, publishCheckpoints } from "../erasure/publish-checkpoints.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const order = { reason: "ticket 331", actor: operator };
const hostile = `</script><script>document.title="owned"</script><img src=x onerror="document.title='owned'">\u202egnp.exe`;

let browser: Browser;
beforeAll(async () => {
  const bundle = join(import.meta.dirname, "../../dist/evidence/page-bundle.js");
  if (!existsSync(bundle)) throw new Error("Run `npm run build` first: it makes the page's script.");
  // As one process, which these builds are meant for elsewhere, the browser ends with its first page.
  const args = chromium.args.filter((arg) => !["--single-process", "--no-zygote"].includes(arg));
  browser = await driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}, 60_000);
afterAll(() => browser?.close());

interface Made {
  readonly page: string;
  readonly disclosure: string;
  readonly key: string;
}

async function makePage(directory: string, entries = 120): Promise<Made> {
  const world = await openWorld("sqlite");
  const record = world.trail.record as unknown as (action: string, fields: object) => Promise<unknown>;
  await recordOrders(world.trail, entries, 5);
  await record("order.noted", {
    actor: { ...person(1), name: hostile },
    target: { type: "order", id: hostile },
    message: hostile,
    data: { [hostile]: hostile },
  });
  await world.erasure.redact({ ...order, entries: [{ seq: 7 }] });
  await world.erasure.shred({ ...order, subject: "user/4" });
  await publishCheckpoints(world.store);
  const { origin } = (await world.trail.trails())[0]!;
  const [page, disclosure] = [join(directory, "trail.html"), join(directory, "keys.json")];
  await exportEvidence({
    evidence: await openStoreEvidence(world.store as never, "default"),
    readKeys: (subjects) => world.store.readSubjectKeys("default", subjects, true),
    policy: formatTlogPolicy(policyFor(origin)),
    ...{ file: join(directory, "trail.tar"), page, disclosure },
  });
  await world.check();
  await world.close();
  return { page, disclosure, key: formatVerifierKey(policyFor(origin).logs[0]!.key) };
}

/** Opens a file as a page, waits for its verdict, and fails for anything that it tried to load or that threw. */
async function openPage(file: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 900 } });
  page.on("request", (request) => expect(request.url()).toBe(pathToFileURL(file).href));
  page.on("pageerror", (error) => expect.fail(error.message));
  page.on("console", (message) => expect(message.type(), `${message.text()}`).not.toBe("error"));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("#verdict");
  return page;
}

test("the page verifies what it holds, shows it, and takes the reader's key", async () => {
  const made = await makePage(temporaryDirectory());
  const page = await openPage(made.page);
  expect(await page.textContent("#verdict strong")).toBe("OK");
  expect(await page.textContent("#verdict")).toContain("the key that came with this page");
  expect(await page.getAttribute("html", "data-verdict")).toBe("consistent");
  expect(await page.textContent(".counts")).toContain("REDACTED 1");
  expect(await page.textContent(".counts")).toContain("SHREDDED 24");
  expect(await page.locator("tr.entry").count()).toBe(100);
  await page.click("summary:has-text('Whom to trust')");
  await page.fill("textarea", made.key);
  await page.click("button:has-text('Verify by it')");
  await page.waitForSelector("html[data-verdict=verified]");
  expect(await page.textContent("#verdict")).toContain("signed by the key that you gave");
  if (process.env["SCREENSHOTS"] !== undefined)
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "verified.png") });
  await page.close();
});

test("personal data is there for whoever has the disclosure file, and for nobody else", async () => {
  const made = await makePage(temporaryDirectory());
  expect(readFileSync(made.page, "utf8")).not.toContain(person(1).name);
  const page = await openPage(made.page);
  await page.fill("input[type=search]", `"${person(1).name}"`);
  expect(await page.locator("tr.entry").count()).toBe(0);
  await page.click("summary:has-text('Whom to trust')");
  await page.setInputFiles("#disclosure", made.disclosure);
  await page
    .locator(`td:has-text("${person(1).name}")`)
    .first()
    .waitFor();
  expect(await page.textContent("#verdict strong")).toBe("OK");
  await page.fill("input[type=search]", `"${person(1).name}"`);
  expect(await page.locator("tr.entry").count()).toBe(24);
  expect(await page.locator("body").textContent()).not.toContain(person(4).name);
  await page.close();
});

test("hostile texts stay texts", async () => {
  const made = await makePage(temporaryDirectory());
  const page = await openPage(made.page);
  await page.click("summary:has-text('Whom to trust')");
  await page.setInputFiles("#disclosure", made.disclosure);
  await page.fill("input[type=search]", "action:order.noted");
  await page.click("tr.entry");
  expect(await page.locator("td pre").textContent()).toContain("onerror=");
  expect(await page.locator("td pre").textContent()).not.toContain("\u202e");
  expect(await page.title()).toContain("Audit trail");
  expect(await page.locator("img").count()).toBe(0);
  await page.close();
});

test("one changed byte of what the page holds shows as ALTERED", async () => {
  const made = await makePage(temporaryDirectory());
  const html = readFileSync(made.page, "utf8");
  const start = html.indexOf('id="evidence">') + 'id="evidence">'.length;
  const end = html.indexOf("</script>", start);
  const bytes = Buffer.from(html.slice(start, end), "base64");
  const write = (changed: Buffer): void =>
    writeFileSync(made.page, html.slice(0, start) + changed.toString("base64") + html.slice(end));
  const changes: [what: string, at: number, seen: string][] = [
    ["an entry", bytes.indexOf('"number":42') + 9, "ALTERED"],
    ["a tile", bytes.indexOf("tile/0/000") + 512 + 40, "ALTERED"],
    ["the checkpoint", bytes.indexOf("checkpoint\0") + 512 + 60, "ALTERED"],
    ["the archive", 3, "ALTERED"],
  ];
  for (const [what, at, seen] of changes) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    write(changed);
    const page = await openPage(made.page);
    expect(await page.textContent("#verdict strong"), `${what} changed`).toBe(seen);
    if (what === "an entry") {
      await page.fill("input[type=search]", "seq:42");
      expect(await page.locator("tr.entry .tag").textContent()).toBe("ALTERED");
      if (process.env["SCREENSHOTS"] !== undefined)
        await page.screenshot({ path: join(process.env["SCREENSHOTS"], "altered.png") });
    }
    await page.close();
  }
});

test("a script that is not the page's own does not run in it", async () => {
  const made = await makePage(temporaryDirectory(), 10);
  const html = readFileSync(made.page, "utf8");
  writeFileSync(made.page, html.replace("</body>", '<script>document.title="owned"</script></body>'));
  const page = await browser.newPage();
  await page.goto(pathToFileURL(made.page).href);
  await page.waitForSelector("#verdict");
  expect(await page.title()).not.toBe("owned");
  if (process.env["SCREENSHOTS"] !== undefined)
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "small.png") });
  await page.close();
});
