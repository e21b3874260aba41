/** Records durable events into a file with a spool beside it, and writes what became of each. */

import { clerk, openShop } from "../../guarantees/shop.ts";

const [file, spool, first, count] = process.argv.slice(2) as [string, string, string, string];
// Reaching RLIMIT_FSIZE sends a signal that ends the process when nobody listens to it.
process.on("SIGXFSZ" as NodeJS.Signals, () => undefined);
try {
  const trail = await openShop(file, {
    spool: { directory: spool },
    sqlite: { lockTimeoutMs: 200, createIfMissing: process.env["CREATE"] === "1" },
  });
  process.stdout.write("open\n");
  for (let number = Number(first); number < Number(first) + Number(count); number += 1) {
    const event = { actor: clerk, data: { number }, message: "x".repeat(2_000) };
    await trail.record("order.placed", event).then(
      ({ seq }) => process.stdout.write(`${number} ${seq === null ? "spooled" : "stored"}\n`),
      (error: { code: string }) => process.stdout.write(`${number} ${error.code}\n`),
    );
  }
  const { lastError } = trail.health();
  process.stdout.write(`health ${lastError?.code ?? "fine"}\n`);
  await trail.close();
} catch (error) {
  process.stdout.write(`refused ${(error as { code?: string }).code ?? String(error)}\n`);
}
