/** `npm start`: the examples and the console together, until Ctrl-C. */

import { fileURLToPath } from "node:url";

import { startAll } from "./start-all.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { SMTP_URL, AUDITRAIL_DEMO = `${root}.auditrail-demo` } = process.env;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const started = await startAll({ directory: AUDITRAIL_DEMO, smtpUrl: SMTP_URL, say });
say(`\nEverything is linked at ${started.url}\n`);
for (const { title, url, people = [] } of started.places) {
  say(`  ${title.padEnd(22)} ${url}`);
  for (const { login, password, is } of people) say(`  ${"".padEnd(22)}   ${login.padEnd(8)} ${password}   ${is}`);
}
say("\nCtrl-C ends it. Delete .auditrail-demo to begin anew.");

let isClosing = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (isClosing) process.exit(1); // Asked twice: do not wait for what is under way.
    isClosing = true;
    say("\nClosing …");
    void started.close().then(() => process.exit(0));
  });
