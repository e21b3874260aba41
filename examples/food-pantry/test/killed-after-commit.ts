/** `killed-after-commit.ts FILE ADDRESS PARTICIPANT`: makes a voucher, and is gone in the moment in which that is committed. */

import { openPantry } from "../domain/pantry.ts";
import { createVoucher } from "../domain/vouchers.ts";

const [file, trailAt, participant] = process.argv.slice(2) as [string, string, string];
const pantry = await openPantry({ file, trailAt, zone: "UTC", passwordCostLog2: 4 });
await pantry.trail.with({ actor: { type: "system", id: "test" } }, async () => {
  createVoucher(pantry, participant, { kind: "grocery" });
  // Nothing was awaited since the commit: nothing can have been delivered.
  process.kill(process.pid, "SIGKILL");
});
