import { join } from "node:path";

import { percentile } from "../http/ask.ts";
import { openBrowser, openConsole } from "../http/open-console.ts";
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
    const browser = await openBrowser();
    const times: number[] = [];
    for (let visit = 0; visit <= visits; visit += 1) {
      const page = await openConsole(browser, served);
      const shownMs = await page.evaluate<number>(firstRowMs);
      if (visit > 0) times.push(shownMs); // The first one warms the server and the browser.
      await page.context().close();
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
