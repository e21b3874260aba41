/**
 * What the messages of sshd (OpenSSH 5 to 10), sudo and su mean.
 *
 * Whoever connects chooses the user name in these lines, spaces and all: `root from 10.0.0.1 port 22 ssh2` is one. Patterns are anchored at
 * the end, and what stands for a name is greedy, so that a name cannot pass for the address that sshd wrote behind it.
 */

import type { Outcome } from "../../event/event.ts";

/** The parts of a message that have a meaning. */
export interface LineParts {
  /** The account that was named. */
  readonly user?: string;
  readonly address?: string;
  readonly port?: string;
  readonly method?: string;
  readonly protocol?: string;
  readonly keyType?: string;
  readonly key?: string;
  readonly cause?: string;
  readonly command?: string;
  readonly directory?: string;
  readonly terminal?: string;
  /** What sshd listens on. */
  readonly interface?: string;
  /** Who acted, where the line says it: the account logged in, or that ran sudo. */
  readonly actor?: string;
}

interface Rule {
  readonly action: string;
  readonly pattern: RegExp;
  readonly outcome?: Outcome;
}

const rule = (action: string, pattern: RegExp, outcome?: Outcome): Rule => ({
  action,
  pattern,
  ...(outcome && { outcome }),
});

const from = String.raw`from (?<address>\S+)(?: port (?<port>\d+))?`;
const key = String.raw`(?: (?<protocol>ssh\d))?(?:: (?<keyType>\S+) (?<key>.+))?`;
const preauth = String.raw`(?: \[preauth\])?$`;

const sshdRules: readonly Rule[] = [
  rule("login-accepted", new RegExp(`^Accepted (?<method>\\S+) for (?<actor>.*) ${from}${key}$`)),
  rule(
    "login-failed",
    new RegExp(`^Failed (?<method>\\S+) for (?:invalid user |illegal user )?(?<user>.*) ${from}${key}${preauth}`),
    "failure",
  ),
  rule("user-unknown", new RegExp(`^(?:Invalid|Illegal) user (?<user>.*) ${from}${preauth}`), "failure"),
  rule("user-refused", /^User (?<user>.*?)(?: from (?<address>\S+))? not allowed because (?<cause>.*)$/, "denied"),
  rule(
    "attempts-exceeded",
    new RegExp(
      `^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) ${from}${key}${preauth}`,
    ),
    "denied",
  ),
  rule(
    "pam-authentication-failed",
    /^(?:pam_\w+\([^)]*:auth\): authentication failure|PAM \d+ more authentication failures?); .*?rhost=(?<address>\S*)(?:\s+user=(?<user>.*))?$/,
    "failure",
  ),
  rule("connection-opened", /^Connection from (?<address>\S+) port (?<port>\d+)(?: on .*)?$/),
  rule(
    "connection-closed",
    new RegExp(
      `^Connection closed by (?:(?:authenticating|invalid) user (?<user>.*) )?(?<address>\\S+) port (?<port>\\d+)${preauth}`,
    ),
  ),
  rule("connection-closed", new RegExp(`^Connection closed by (?<address>\\S+)${preauth}`)),
  rule(
    "connection-reset",
    new RegExp(
      `^Connection reset by (?:(?:authenticating|invalid) user (?<user>.*) )?(?<address>\\S+) port (?<port>\\d+)${preauth}`,
    ),
  ),
  rule("connection-reset", new RegExp(`^Connection reset by (?<address>\\S+)${preauth}`)),
  rule(
    "disconnect-received",
    new RegExp(`^Received disconnect from (?<address>[^\\s]+?)(?: port (?<port>\\d+))?: ?(?<cause>\\d+:.*?)${preauth}`),
  ),
  rule(
    "disconnected",
    new RegExp(
      `^Disconnected from (?:(?:authenticating|invalid) user (?<user>.*) |user (?<actor>.*) )?(?<address>\\S+) port (?<port>\\d+)${preauth}`,
    ),
  ),
  rule("disconnected", new RegExp(`^Disconnected from (?<address>\\S+)${preauth}`)),
  rule(
    "disconnected",
    new RegExp(
      `^Disconnecting(?: (?:authenticating |invalid )?user (?<user>.*) (?<address>\\S+) port (?<port>\\d+))?: (?<cause>.*?)${preauth}`,
    ),
  ),
  rule(
    "channel-started",
    /^Starting session: (?<command>.*) for (?<actor>\S+) from (?<address>\S+) port (?<port>\d+)(?: id \d+)?$/,
  ),
  rule("channel-ended", /^Close session: user (?<actor>\S+) from (?<address>\S+) port (?<port>\d+)(?: id \d+)?$/),
  rule("identification-missing", new RegExp(`^Did not receive identification string ${from}${preauth}`), "failure"),
  rule("protocol-refused", new RegExp(`^Bad protocol version identification (?<cause>'.*') ${from}$`), "failure"),
  rule(
    "negotiation-failed",
    new RegExp(
      `^(?:fatal: )?Unable to negotiate with (?<address>\\S+)(?: port (?<port>\\d+))?: (?<cause>.*?)${preauth}`,
    ),
    "failure",
  ),
  rule("server-started", /^Server listening on (?<interface>\S+) port (?<port>\d+)\.$/),
  rule("server-stopped", /^(?<cause>Received signal \d+); terminating\.$/),
];

const sessionRules: readonly Rule[] = [
  rule(
    "session-opened",
    /^pam_\w+\([^)]*:session\): session opened for user (?<user>.*?)(?:\(uid=\d+\))? by (?<actor>.*?)\(uid=\d+\)$/,
  ),
  rule("session-closed", /^pam_\w+\([^)]*:session\): session closed for user (?<user>.*)$/),
];

const sudoCommand = String.raw`TTY=(?<terminal>\S+) ; PWD=(?<directory>.*?) ; USER=(?<user>\S+)(?: ; [^;]*){0,3} ; COMMAND=(?<command>.*)$`;

const sudoRules: readonly Rule[] = [
  rule("command-run", new RegExp(`^ *(?<actor>\\S+) : ${sudoCommand}`)),
  rule("command-refused", new RegExp(`^ *(?<actor>\\S+) : (?<cause>.*?) ; ${sudoCommand}`), "denied"),
  rule(
    "pam-authentication-failed",
    /^pam_\w+\([^)]*:auth\): authentication failure; .*?(?:\s+user=(?<user>.*))?$/,
    "failure",
  ),
];

const suRules: readonly Rule[] = [
  rule("user-switched", /^Successful su for (?<user>\S+) by (?<actor>\S+)$/),
  rule("user-switched", /^\(to (?<user>\S+)\) (?<actor>\S+) on (?<terminal>\S+)$/),
  rule(
    "user-switch-failed",
    /^FAILED (?:SU|su) (?:\(to |for )(?<user>[^\s)]+)\)?(?: by)? (?<actor>\S+)(?: on (?<terminal>\S+))?$/,
    "failure",
  ),
  rule(
    "pam-authentication-failed",
    /^pam_\w+\([^)]*:auth\): authentication failure; .*?(?:\s+user=(?<user>.*))?$/,
    "failure",
  ),
];

const programs: Readonly<Record<string, readonly Rule[]>> = {
  sshd: [...sshdRules, ...sessionRules],
  sudo: [...sudoRules, ...sessionRules],
  su: [...suRules, ...sessionRules],
};

/** The programs whose lines are read; `sshd-session` and `sshd-auth` are parts of sshd since OpenSSH 9.8. */
export function rulesOf(program: string): readonly Rule[] | undefined {
  const name = /^sshd(?:-session|-auth)?$/.test(program) ? "sshd" : program;
  return Object.hasOwn(programs, name) ? programs[name] : undefined;
}

/**
 * No program that we read writes longer ones (sudo cuts at 980), and patterns take time with the square of the length: whoever chooses
 * the names in these lines must not choose how long we look at them.
 */
const longestMessage = 4096;

/** What a message means: an action of the log and its parts; `other` where no rule knows it. */
export function readMessage(
  rules: readonly Rule[],
  message: string,
): { readonly action: string; readonly outcome?: Outcome; readonly parts: LineParts } {
  for (const { action, pattern, outcome } of message.length > longestMessage ? [] : rules) {
    const match = pattern.exec(message);
    if (match !== null) return { action, parts: partsOf(match), ...(outcome && { outcome }) };
  }
  return { action: "other", parts: { cause: message } };
}

function partsOf({ groups = {} }: RegExpExecArray): LineParts {
  return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
}
