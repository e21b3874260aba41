/** Accepts buffered events and ends as it is told: of each way, nothing that was accepted may be lost uncounted. */

import { openSqliteStore } from "../../../src/stores/sqlite/index.ts";
import { failBeforeAppend, holdAppends } from "../../../src/testing/index.ts";
import { clerk, openShopTrail } from "../../guarantees/shop.ts";

const [file, spool, count, ending, store = "working"] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
];
const sqlite = await openSqliteStore({ file, createIfMissing: true });
const held = holdAppends(sqlite);
const failing = failBeforeAppend(sqlite, "STORE_FULL");
const stores = { working: sqlite, held, failing };
const trail = await openShopTrail(stores[store as keyof typeof stores], {
  exitHooks: true,
  ...(spool === "none" ? {} : { spool: { directory: spool } }),
});
if (ending === "two-trails-signal") {
  await openShopTrail(await openSqliteStore({ file }), {
    exitHooks: true,
    ...(spool === "none" ? {} : { spool: { directory: spool } }),
  });
}
if (store === "failing") failing.fail();

for (let number = 0; number < Number(count); number += 1) {
  await trail.record("order.viewed", { actor: clerk, data: { number } });
}

switch (ending) {
  case "exit":
    process.exit(3);
  case "throw":
    throw new Error("uncaught");
  case "reject":
    void Promise.reject(new Error("unhandled"));
    break;
  case "return":
    break;
  case "own-handler":
    process.on("SIGTERM", () => void trail.close().then(() => process.exit(5)));
    break;
}
process.stdout.write("accepted\n");
if (!["return", "reject"].includes(ending)) setInterval(() => undefined, 1_000);
