/**
 * The pantry alone, until Ctrl-C. Its files are in `.auditrail-demo/pantry`; `SMTP_URL` names a real mail server, and
 * `AUDITRAIL_STORE` a Postgres database for the trail.
 */

import { once } from "node:events";
import { mkdirSync } from "node:fs";

import { openDemo } from "./demo.ts";

const { SMTP_URL, AUDITRAIL_STORE = "" } = process.env;
// The path of a file is for the command line: the pantry's trail is in the pantry's file.
const trailAt = AUDITRAIL_STORE.startsWith("postgres") ? AUDITRAIL_STORE : undefined;
const directory =
  process.argv[2] ?? (trailAt === undefined ? ".auditrail-demo/pantry" : ".auditrail-demo-postgres/pantry");
mkdirSync(directory, { recursive: true });
const demo = await openDemo({
  directory,
  trailAt,
  port: 7400,
  inboxPort: 7425,
  smtpUrl: SMTP_URL,
  say: (line) => process.stdout.write(`${line}\n`),
});
process.stdout.write(`The pantry is at ${demo.served.url}\n`);
if (demo.mail !== undefined) process.stdout.write(`Its mail is at   ${demo.mail.inboxUrl}\n`);
for (const { login, is } of demo.people) process.stdout.write(`  ${login.padEnd(8)} ${demo.password}   ${is}\n`);
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
await demo.close();
