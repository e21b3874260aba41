/** A witness that is killed after it has kept a checkpoint and before it has signed it. Arguments: its state, a log's key. */

import { parseVerifierKey } from "../../src/integrity/note-key.ts";
import { systemClock } from "../../src/base/time.ts";
import { openWitnessState } from "../../src/witness/witness-state.ts";
import { serveWitness } from "../../src/witness/serve-witness.ts";
import { witnessKey } from "./sample-logs.ts";

const [stateFile = "", log = ""] = process.argv.slice(2);
const observer = openWitnessState(stateFile);
const key = parseVerifierKey(log);
const clock = {
  nowMicros() {
    // Asked for inside the transaction, and after it for the cosignature: then the checkpoint is there for others.
    if (observer.read(key.name) !== undefined) process.kill(process.pid, "SIGKILL");
    return systemClock.nowMicros();
  },
};
const { url } = await serveWitness({ keys: [witnessKey], logs: [key], stateFile, clock });
process.stdout.write(`${url}\n`);
