/** `npm run bench` lists the scenarios; `npm run bench -- NAME [FACTOR]` runs one, with FACTOR times its usual load. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describeMachine, round } from "./machine.ts";
import { scenarios } from "./scenarios/index.ts";

const [name, factor = "1"] = process.argv.slice(2);
const scenario = scenarios.find((each) => each.name === name);
if (scenario === undefined) {
  if (name !== undefined) process.stderr.write(`There is no scenario ${JSON.stringify(name)}. There are:\n`);
  for (const each of scenarios) process.stdout.write(`${each.name.padEnd(20)}${each.says}\n`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const data = join(import.meta.dirname, "data");
  mkdirSync(data, { recursive: true });
  const directory = mkdtempSync(join(data, `${scenario.name}-`));
  try {
    const machine = describeMachine(data);
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    say(`${scenario.name}: ${scenario.says}\n${JSON.stringify(machine)}`);
    const { ratios, targets } = await scenario.run({ directory, factor: Number(factor), say });
    const rounded = Object.fromEntries(Object.entries(ratios).map(([key, value]) => [key, round(value)]));
    process.stdout.write(`${JSON.stringify({ scenario: scenario.name, ratios: rounded, targets, machine })}\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
