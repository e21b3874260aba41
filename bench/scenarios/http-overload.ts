import { join } from "node:path";

import { createAsk, type Answered } from "../http/ask.ts";
import { serveTrail } from "../http/served-trail.ts";
import { round } from "../machine.ts";
import { createRandom } from "../shop-events.ts";
import { batch } from "./http-load.ts";
import { expectOk } from "./http-pages.ts";
import type { Scenario } from "./scenario.ts";

const senders = 200;
/** Less than the senders bring at once. */
const mostWaiting = 4_000;
const eventsPerBatch = 100;

/** Many more events than the trail takes: some are refused by 503, what is acknowledged is there, and afterwards all is as before. */
export const httpOverload: Scenario = {
  name: "http-overload",
  says: "200 senders at once, without pause: refused by 503 with Retry-After, nothing acknowledged is missing, and it recovers",
  async run({ directory, factor, say }) {
    const seconds = Math.max(3, Math.round(15 * factor));
    const served = await serveTrail(join(directory, "trail.db"), true, [String(mostWaiting)]);
    const ask = createAsk(served.url, served.headers, senders);
    const before = await served.usage();
    const answers: Answered[] = [];
    const until = performance.now() + seconds * 1000;
    const send = async (_: unknown, index: number): Promise<void> => {
      const body = batch(createRandom(100 + index));
      while (performance.now() < until) answers.push(await ask("/api/v1/events", body));
    };
    await Promise.all(Array.from({ length: senders }, send));
    const after = await served.usage();
    const { status: statusAfter } = await ask("/api/v1/events", batch(createRandom(1)));
    const counted = await countAll(ask);
    ask.close();
    await served.close();
    const recorded = answers.reduce((sum, { body }) => sum + recordedOf(body), eventsPerBatch);
    const refused = answers.filter(({ status }) => status === 503);
    const lawful = answers.every(
      ({ status, retryAfter }) => [200, 207].includes(status) || (status === 503 && retryAfter !== undefined),
    );
    const mib = (bytes: number): number => round(bytes / 2 ** 20, 0);
    say(
      `${answers.length} batches, ${refused.length} refused whole; ${recorded} events acknowledged, ${counted} there`,
    );
    say(
      `heap ${mib(before.heapUsed)} → ${mib(after.heapUsed)} MiB, resident ${mib(before.rss)} → ${mib(after.rss)} MiB`,
    );
    return {
      ratios: {
        refuses: refused.length > 0 && lawful ? 1 : 0,
        keepsAcknowledged: counted === recorded ? 1 : 0,
        recovers: statusAfter === 200 ? 1 : 0,
      },
      targets: { refuses: 1, keepsAcknowledged: 1, recovers: 1 },
    };
  },
};

function recordedOf(body: string): number {
  return (JSON.parse(body) as { recorded?: number }).recorded ?? 0;
}

async function countAll(ask: ReturnType<typeof createAsk>): Promise<number> {
  const { body } = await expectOk(ask, "/api/v1/counts?query=-log:auditrail");
  return (JSON.parse(body) as { rows: { count: number }[] }).rows[0]?.count ?? 0;
}
