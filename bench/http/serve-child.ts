/** Run by served-trail.ts: `serve-child.ts FILE [MAX_WAITING]`. Speaks with its parent by messages. */

import { openTrail } from "auditrail";
import { createServer, serveNode } from "auditrail/server";
import { openSqliteStore } from "auditrail/sqlite";

import { catalogue } from "../shop-events.ts";

const [file, maxWaiting] = process.argv.slice(2);
const store = await openSqliteStore({ file: file!, createIfMissing: true });
const trail = await openTrail({
  ...{ catalogue, store },
  ...(maxWaiting === undefined ? {} : { maxWaiting: Number(maxWaiting) }),
});
const options = { accounts: ":memory:", console: true, secureCookies: false, passwordCostLog2: 10 } as const;
const server = createServer({ trail, store, catalogue, ...options });
const served = await serveNode(server);
const collect = globalThis.gc!;

async function close(): Promise<void> {
  await served.close();
  await trail.close();
  process.disconnect();
}

process.on("message", (message) => {
  if (message === "usage") {
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    process.send!({ heapUsed, rss, cpuSeconds: (user + system) / 1e6 });
    return;
  }
  void close();
});
// Whoever measures may have been interrupted.
process.once("disconnect", () => process.exit());
process.send!({ url: served.url, setUpToken: server.setUpPath()!.split("#set-up=")[1]! });
