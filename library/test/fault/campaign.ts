/** `npm run fault` lists the long campaigns, of which the tests run a short version; `npm run fault -- NAME` runs one. */

import { cutPower } from "./power-loss/cut-power.ts";
import { faults, injectFault, interestingCalls } from "./power-loss/inject-fault.ts";

interface Campaign {
  readonly says: string;
  /** Answers whether everything held. */
  run(): Promise<boolean>;
}

const campaigns: Readonly<Record<string, Campaign>> = {
  "power-loss": {
    says: "every disk that a power cut can leave, at every step of recording 40 events",
    async run() {
      const full = await cutPower("FULL", 40, Number.POSITIVE_INFINITY);
      const normal = await cutPower("NORMAL", 40, 400);
      console.log(`FULL: ${full.images} images, ${full.lost} lost an acknowledged event, ${full.damaged.length} damaged`);
      console.log(`NORMAL (positive control): ${normal.images} images, ${normal.lost} lost an acknowledged event`);
      for (const damage of full.damaged) console.log(damage);
      return full.lost === 0 && full.damaged.length === 0 && normal.lost > 0;
    },
  },
  injected: {
    says: "EIO, ENOSPC and SIGKILL at every write, flush and truncation of the database, once and from there on",
    async run() {
      let runs = 0;
      let failures = 0;
      for (const call of interestingCalls) {
        for (const fault of faults) {
          for (let occurrence = 1; ; occurrence += 1) {
            const once = await injectFault({ call, fault, occurrence });
            const onwards = await injectFault({ call, fault, occurrence, onwards: true });
            runs += 2;
            for (const outcome of [once, onwards]) {
              if (outcome.missing === 0) continue;
              failures += 1;
              console.log(`${call} ${fault} at ${occurrence}: ${JSON.stringify(outcome)}`);
            }
            // Past the last occurrence nothing fails any more.
            if (onwards.ended && onwards.refused === 0 && once.refused === 0) break;
          }
        }
      }
      console.log(`${runs} runs, ${failures} lost an acknowledged event`);
      return failures === 0;
    },
  },
};

const [name] = process.argv.slice(2);
const campaign = name === undefined ? undefined : campaigns[name];
if (campaign === undefined) {
  for (const [each, { says }] of Object.entries(campaigns)) console.log(`${each.padEnd(14)}${says}`);
  if (name !== undefined) process.exitCode = 1;
} else if (!(await campaign.run())) process.exitCode = 1;
