/**
 * `npm start`: the examples and the console together, until Ctrl-C. `AUDITRAIL_STORE` may be the address of a Postgres database, for
 * their trails.
 */

import { fileURLToPath } from "node:url";

import { startAll } from "./start-all.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { SMTP_URL, AUDITRAIL_STORE = "" } = process.env;
const trailAt = AUDITRAIL_STORE.startsWith("postgres") ? AUDITRAIL_STORE : undefined;
const { AUDITRAIL_DEMO = `${root}.auditrail-demo${trailAt === undefined ? "" : "-postgres"}` } = process.env;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const started = await startAll({ directory: AUDITRAIL_DEMO, trailAt, smtpUrl: SMTP_URL, say });
say(`\nEverything is linked at ${started.url}\n`);
for (const { title, url, people = [] } of started.places) {
  say(`  ${title.padEnd(22)} ${url}`);
  for (const { login, password, is } of people) say(`  ${"".padEnd(22)}   ${login.padEnd(8)} ${password}   ${is}`);
}
say(
  trailAt === undefined
    ? "\nCtrl-C ends it. Delete .auditrail-demo to begin anew."
    : "\nTheir trails are in Postgres, in the schemas pantry and habits. Ctrl-C ends it.",
);

let isClosing = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (isClosing) process.exit(1); // Asked twice: do not wait for what is under way.
    isClosing = true;
    say("\nClosing …");
    void started.close().then(() => process.exit(0));
  });
