import { join } from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as driver } from "playwright-core";

import { percentile } from "../http/ask.ts";
import { serveTrail } from "../http/served-trail.ts";
import { round } from "../machine.ts";
import { fillTrail } from "./queries.ts";
import type { Scenario } from "./scenario.ts";

const limitMs = 1_000;
const visits = 7;

/** From the address to the first row of the list on the screen, in a browser that has nothing in its cache. */
export const firstPaint: Scenario = {
  name: "first-paint",
  says: "the console in Chromium, nothing cached, a list of 100,000 events: its first rows within a second",
  async run({ directory, factor, say }) {
    const file = join(directory, "trail.db");
    await fillTrail(file, Math.round(100_000 * factor));
    const served = await serveTrail(file, false);
    const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    const browser = await driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
    const [name = "", value = ""] = served.cookie.split("=", 2);
    const times: number[] = [];
    for (let visit = 0; visit <= visits; visit += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await context.addCookies([{ name, value, url: served.url, httpOnly: true, sameSite: "Strict" }]);
      const page = await context.newPage();
      await page.goto(`${served.url}/`, { waitUntil: "commit" });
      const shownMs = await page.evaluate<number>(firstRowMs);
      if (visit > 0) times.push(shownMs); // The first one warms the server and the browser.
      await context.close();
    }
    await browser.close();
    await served.close();
    const median = percentile(times, 0.5);
    say(`first rows after ${round(median, 0)} ms (median of ${visits}), longest ${round(Math.max(...times), 0)} ms`);
    return { ratios: { firstPaint: limitMs / median }, targets: { firstPaint: 1 } };
  },
};

/** Run in the page: milliseconds from the navigation to the frame that shows the first row. */
const firstRowMs = `new Promise((resolve) => {
  const look = () => {
    if (document.querySelector(".entry-row") === null) requestAnimationFrame(look);
    else requestAnimationFrame(() => resolve(performance.now()));
  };
  look();
})`;
