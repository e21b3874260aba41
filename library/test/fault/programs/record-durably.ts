/** Records durable events one after the other, or some at once, and writes each number when it is acknowledged. */

import { clerk, openShop } from "../../guarantees/shop.ts";

const [file, first, count, atOnce = "1"] = process.argv.slice(2) as [string, string, string, string?];
const trail = await openShop(file);
process.stdout.write("open\n");
let next = Number(first);
const end = next + Number(count);

async function recordSome(): Promise<void> {
  while (next < end) {
    const number = next++;
    await trail.record("order.placed", { actor: clerk, data: { number } });
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, recordSome));
await trail.close();
process.stdout.write("closed\n");
