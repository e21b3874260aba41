/** What staff ask the habit bot's trail; see queries/command.ts. */

import { runCommand } from "./queries/command.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
});
