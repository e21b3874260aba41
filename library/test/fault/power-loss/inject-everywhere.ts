/** Every fault at every interesting call of a run, once and from there on. */

import { bundleProgram, type BundledProgram } from "../bundled-program.ts";
import { createRandom } from "../random.ts";
import { recordingChild } from "./cut-power.ts";
import { faults, injectFault, interestingCalls, type FaultOutcome, type InjectedFault } from "./inject-fault.ts";

export interface InjectedFaults {
  /** How many there are to try. */
  readonly planned: number;
  readonly runs: number;
  /** Of those, in how many the fault came to happen: a run does not always make the same calls. */
  readonly happened: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly failures: readonly string[];
}

/** In an order that looks random, so that a run that ends early has met some of everything. */
export async function injectEverywhere(maxRuns: number, seconds: number): Promise<InjectedFaults> {
  using program = await bundleProgram(recordingChild);
  const until = performance.now() + seconds * 1_000;
  const plan = shuffle(await planFaults(program));
  const tried = { planned: plan.length, runs: 0, happened: 0, acknowledged: 0, refused: 0, failures: [] as string[] };
  for (const injected of plan) {
    if (tried.runs >= maxRuns || performance.now() >= until) break;
    const { outcome, failure } = await tryFault(program, injected);
    tried.runs += 1;
    if (failure !== undefined) tried.failures.push(`${JSON.stringify(injected)}: ${failure}`);
    if (outcome?.happened === true) tried.happened += 1;
    tried.acknowledged += outcome?.acknowledged ?? 0;
    tried.refused += outcome?.refused ?? 0;
  }
  return tried;
}

/** As many occurrences as a run without faults has; so the plan is finite, whatever faults lead to. */
async function planFaults(program: BundledProgram): Promise<readonly InjectedFault[]> {
  const plan: InjectedFault[] = [];
  for (const at of [undefined, "guard"] as const) {
    for (const call of interestingCalls) {
      const place = at === undefined ? {} : { at };
      const never: InjectedFault = { call, fault: "signal=KILL", occurrence: 60_000, ...place };
      const { calls } = await injectFault(program, never);
      for (let occurrence = 1; occurrence <= calls; occurrence += 1)
        for (const fault of faults)
          for (const onwards of fault === "signal=KILL" ? [false] : [false, true])
            plan.push({ call, fault, occurrence, onwards, ...place });
    }
  }
  return plan;
}

async function tryFault(program: BundledProgram, injected: InjectedFault) {
  try {
    const outcome = await injectFault(program, injected);
    return { outcome, failure: describeFailure(injected, outcome) };
  } catch (error) {
    return { outcome: undefined, failure: String(error) };
  }
}

function describeFailure({ at, fault, onwards }: InjectedFault, outcome: FaultOutcome): string | undefined {
  const { missing, unflushed, refused, ended } = outcome;
  // After a flush that failed once, the next one covers what it had not; after that, nothing is flushed any more.
  const isLost = missing > 0 || (onwards === true && unflushed > 0);
  const isStuck = fault !== "signal=KILL" && !ended;
  const isSpread = at === "guard" && refused > 0;
  return isLost || isStuck || isSpread ? JSON.stringify(outcome) : undefined;
}

/** Fisher and Yates. */
function shuffle<Item>(items: readonly Item[]): readonly Item[] {
  const shuffled = [...items];
  const random = createRandom(3);
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}
