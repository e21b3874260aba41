import { join } from "node:path";

import { percentile } from "../http/ask.ts";
import { openBrowser, openConsole } from "../http/open-console.ts";
import { serveTrail } from "../http/served-trail.ts";
import { round } from "../machine.ts";
import { fillTrail } from "./queries.ts";
import type { Scenario, ScenarioResult, ScenarioRun } from "./scenario.ts";

/** Three frames of a screen of 60 Hz: what is longer is seen to jerk. */
const limitMs = 50;
/** A hand that flings the list: some 250 rows a second. */
const pixelsPerFrame = 200;
const rowsToPass = 10_000;

/** From the newest entry down, without a pause, through as many rows as nobody would look at. */
export const scrolling: Scenario = {
  name: "scrolling",
  says: "the console's list of 1,000,000 events in Chromium, scrolled through 10,000 of them: p95 of its frames under 50 ms, also at the end",
  async run(run) {
    const file = join(run.directory, "trail.db");
    await fillTrail(file, Math.round(1_000_000 * run.factor));
    return scrollThrough(file, run);
  },
};

export async function scrollThrough(file: string, { say }: Pick<ScenarioRun, "say">): Promise<ScenarioResult> {
  const served = await serveTrail(file, false);
  const browser = await openBrowser();
  const page = await openConsole(browser, served);
  await page.locator(".entry-row").first().waitFor();
  const { frames, waited, rows } = await page.evaluate<Scrolled>(scrollDown);
  await browser.close();
  await served.close();
  const part = Math.ceil(frames.length / 5);
  const [first, last] = [percentile(frames.slice(0, part), 0.95), percentile(frames.slice(-part), 0.95)];
  say(`${rows} rows passed in ${round(frames.reduce((sum, each) => sum + each, 0) / 1000, 1)} s`);
  say(`frames: median ${round(percentile(frames, 0.5), 1)} ms, longest ${round(Math.max(...frames), 0)} ms`);
  say(`p95 of the first fifth ${round(first, 1)} ms, of the last ${round(last, 1)} ms`);
  say(`${waited} of ${frames.length} frames waited for rows to be read`);
  return {
    ratios: { first: limitMs / first, last: limitMs / last, rowsThere: 1 - waited / frames.length },
    targets: { first: 1, last: 1, rowsThere: 0.95 },
  };
}

interface Scrolled {
  /** Milliseconds from each frame to the next. */
  readonly frames: readonly number[];
  /** Frames in which the list could not go on, because what comes next had not been read yet. */
  readonly waited: number;
  readonly rows: number;
}

/** Run in the page. It gives up after two minutes. */
const scrollDown = `new Promise((resolve) => {
  const scroller = document.querySelector(".entry-scroll");
  const rowHeight = document.querySelector(".entry-row").getBoundingClientRect().height;
  const frames = [];
  let waited = 0;
  let last = performance.now();
  const began = last;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    const before = scroller.scrollTop;
    scroller.scrollTop = before + ${pixelsPerFrame};
    if (scroller.scrollTop === before) waited += 1;
    const rows = Math.round(scroller.scrollTop / rowHeight);
    if (rows >= ${rowsToPass} || now - began > 120_000) resolve({ frames: frames.slice(1), waited, rows });
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;
