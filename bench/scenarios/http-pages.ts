import { join } from "node:path";

import { createAsk, percentile, type Ask } from "../http/ask.ts";
import { serveTrail } from "../http/served-trail.ts";
import { round } from "../machine.ts";
import { fillTrail } from "./queries.ts";
import type { Scenario } from "./scenario.ts";

const limitMs = 100;
const repeats = 40;

/** What the console asks for its first page, each with what a person would have typed. */
const questions: Readonly<Record<string, string>> = {
  newest: "/api/v1/entries?limit=100&query=-op:read",
  log: "/api/v1/entries?limit=100&query=log:coupon",
  failures: "/api/v1/entries?limit=100&query=-outcome:success",
  actor: "/api/v1/entries?limit=100&query=actor:user/u17",
  timeline: "/api/v1/timelines?limit=100&target=order/ORD-20260042&direction=oldest",
  trust: "/api/v1/trust",
  catalogue: "/api/v1/catalogue",
  histogram: "/api/v1/histogram?query=-op:read",
  facets: "/api/v1/facets?limit=8&fields=outcome,log,action,severity&query=-op:read",
};

/** Times are the client's on loopback: what the server takes is a little less. */
export const httpPages: Scenario = {
  name: "http-pages",
  says: "pages of a list of 1,000,000 events over HTTP, at its top and while scrolling, and what stands around it: p95 under 100 ms",
  async run({ directory, factor, say }) {
    const file = join(directory, "trail.db");
    const size = Math.round(1_000_000 * factor);
    const started = performance.now();
    await fillTrail(file, size);
    say(`recorded ${size} events in ${round((performance.now() - started) / 1000, 1)} s`);
    const served = await serveTrail(file, false);
    const ask = createAsk(served.url, served.headers);
    const ratios: Record<string, number> = {};
    const note = async (name: string, time: () => Promise<readonly number[]>): Promise<void> => {
      const before = await served.usage();
      const times = await time();
      const cpuMs = (1000 * ((await served.usage()).cpuSeconds - before.cpuSeconds)) / times.length;
      const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
      say(`${name.padEnd(12)} median ${round(p50, 1)} ms, p95 ${round(p95, 1)} ms, ${round(cpuMs, 1)} ms of CPU`);
      ratios[name] = limitMs / p95;
    };
    for (const [name, path] of Object.entries(questions)) await note(name, () => timesOf(ask, path));
    await note("scrolling", () => scroll(ask, Math.min(300, Math.floor(size / 100) - 1)));
    ask.close();
    await served.close();
    const listed = ["newest", "log", "failures", "actor", "timeline", "scrolling"];
    return { ratios, targets: Object.fromEntries(listed.map((name) => [name, 1])) };
  },
};

async function timesOf(ask: Ask, path: string): Promise<readonly number[]> {
  await expectOk(ask, path); // The first reads the file and prepares the statement.
  const times: number[] = [];
  for (let index = 0; index < repeats; index += 1) times.push((await expectOk(ask, path)).ms);
  return times;
}

/** Page after page, as a person holds the key down. */
async function scroll(ask: Ask, pages: number): Promise<readonly number[]> {
  const times: number[] = [];
  let cursor = "";
  for (let page = 0; page < pages; page += 1) {
    const { ms, body } = await expectOk(ask, `${questions["newest"]}${cursor}`);
    times.push(ms);
    cursor = `&cursor=${encodeURIComponent((JSON.parse(body) as { next: string }).next)}`;
  }
  return times;
}

export async function expectOk(ask: Ask, path: string) {
  const answered = await ask(path);
  if (answered.status === 200) return answered;
  throw new Error(`${path}: ${answered.status} ${answered.body.slice(0, 200)}`);
}
