import { expect, test } from "vitest";

import { readMessage, rulesOf } from "./line-rules.ts";

const read = (program: string, message: string) => readMessage(rulesOf(program)!, message);

test.each([
  [
    "Accepted publickey for ann from 192.0.2.1 port 22 ssh2: RSA SHA256:abc",
    "login-accepted",
    { method: "publickey", actor: "ann", address: "192.0.2.1", port: "22", keyType: "RSA", key: "SHA256:abc" },
  ],
  [
    "Accepted password for ann from 2001:db8::1 port 22 ssh2",
    "login-accepted",
    { method: "password", address: "2001:db8::1" },
  ],
  ["Failed password for root from 192.0.2.1 port 22 ssh2", "login-failed", { user: "root", method: "password" }],
  ["Failed password for invalid user oracle from 192.0.2.1 port 22 ssh2", "login-failed", { user: "oracle" }],
  ["Failed password for invalid user  from 192.0.2.1 port 22 ssh2", "login-failed", { user: "" }],
  [
    "Failed publickey for ann from 192.0.2.1 port 22 ssh2: ED25519 SHA256:x",
    "login-failed",
    { user: "ann", key: "SHA256:x" },
  ],
  ["Failed none for invalid user a b from 192.0.2.1 port 9 ssh2", "login-failed", { user: "a b" }],
  ["Invalid user oracle from 192.0.2.1", "user-unknown", { user: "oracle", address: "192.0.2.1" }],
  ["Invalid user  from 192.0.2.1 port 4711", "user-unknown", { user: "", port: "4711" }],
  [
    "User root from 192.0.2.1 not allowed because not listed in AllowUsers",
    "user-refused",
    { user: "root", cause: "not listed in AllowUsers" },
  ],
  [
    "error: maximum authentication attempts exceeded for invalid user x from 192.0.2.1 port 1 ssh2 [preauth]",
    "attempts-exceeded",
    { user: "x" },
  ],
  [
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root",
    "pam-authentication-failed",
    { address: "192.0.2.1", user: "root" },
  ],
  [
    "PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1",
    "pam-authentication-failed",
    { address: "192.0.2.1" },
  ],
  ["Connection closed by 192.0.2.1 port 5 [preauth]", "connection-closed", { address: "192.0.2.1", port: "5" }],
  [
    "Connection closed by authenticating user root 192.0.2.1 port 5 [preauth]",
    "connection-closed",
    { user: "root", address: "192.0.2.1" },
  ],
  [
    "Received disconnect from 192.0.2.1 port 5:11: disconnected by user",
    "disconnect-received",
    { address: "192.0.2.1", port: "5", cause: "11: disconnected by user" },
  ],
  ["Disconnected from user ann 192.0.2.1 port 5", "disconnected", { actor: "ann" }],
  ["Disconnected from invalid user x 192.0.2.1 port 5 [preauth]", "disconnected", { user: "x" }],
  [
    "Disconnecting: Too many authentication failures [preauth]",
    "disconnected",
    { cause: "Too many authentication failures" },
  ],
  [
    "Starting session: shell on pts/0 for ann from 192.0.2.1 port 5 id 0",
    "channel-started",
    { command: "shell on pts/0", actor: "ann" },
  ],
  [
    "Bad protocol version identification 'GET / HTTP/1.1' from 192.0.2.1 port 5",
    "protocol-refused",
    { cause: "'GET / HTTP/1.1'" },
  ],
  [
    "Unable to negotiate with 192.0.2.1 port 5: no matching cipher found. [preauth]",
    "negotiation-failed",
    { cause: "no matching cipher found." },
  ],
  [
    "pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)",
    "session-opened",
    { user: "ann", actor: "" },
  ],
  ["pam_unix(sshd:session): session closed for user ann", "session-closed", { user: "ann" }],
  ["Server listening on :: port 22.", "server-started", { interface: "::", port: "22" }],
  ["something nobody knows", "other", { cause: "something nobody knows" }],
])("sshd: %s", (message, action, parts) => {
  const found = read("sshd", message);
  expect(found.action).toBe(action);
  expect(found.parts).toMatchObject(parts);
});

test("a name that looks like an address does not pass for one", () => {
  const hostile = "root from 198.51.100.9 port 22 ssh2";
  for (const message of [
    `Failed password for invalid user ${hostile} from 192.0.2.1 port 5 ssh2`,
    `Invalid user ${hostile} from 192.0.2.1 port 5`,
  ]) {
    expect(read("sshd", message).parts).toMatchObject({ user: hostile, address: "192.0.2.1", port: "5" });
  }
});

test.each([
  [
    "sudo",
    "  ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/cat a ; b",
    "command-run",
    { actor: "ann", user: "root", command: "/bin/cat a ; b", directory: "/home/ann" },
  ],
  [
    "sudo",
    "  ann : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su",
    "command-refused",
    { actor: "ann", cause: "user NOT in sudoers" },
  ],
  [
    "sudo",
    "ann : TTY=pts/0 ; PWD=/ ; USER=root ; GROUP=adm ; COMMAND=/bin/ls",
    "command-run",
    { user: "root", command: "/bin/ls" },
  ],
  [
    "sudo",
    "pam_unix(sudo:session): session opened for user root by ann(uid=0)",
    "session-opened",
    { actor: "ann", user: "root" },
  ],
  ["su", "Successful su for root by ann", "user-switched", { actor: "ann", user: "root" }],
  ["su", "(to root) ann on pts/1", "user-switched", { actor: "ann", user: "root" }],
  ["su", "FAILED SU (to root) ann on pts/1", "user-switch-failed", { actor: "ann", user: "root" }],
  ["sshd-session", "Accepted password for ann from 192.0.2.1 port 22 ssh2", "login-accepted", { actor: "ann" }],
])("%s: %s", (program, message, action, parts) => {
  expect(read(program, message)).toMatchObject({ action, parts });
});

test.each(["CRON", "systemd-logind", "sshdx", "constructor"])("%s is not read", (program) => {
  expect(rulesOf(program)).toBeUndefined();
});

test("a long hostile line is read to its end", () => {
  const line = `Failed password for ${" from 1 port 1 ssh2: a ".repeat(2000)}`;
  read("sshd", line);
  read("sudo", `a : ${"x ; TTY=1 ; PWD=2 ; USER=3 ; A=".repeat(2000)}`);
});
