import { z } from "zod";

import { action } from "../../event/action.ts";
import { defineLog } from "../../event/catalogue.ts";
import type { Op, Severity } from "../../event/event.ts";
import { personal } from "../../event/marks.ts";

const text = z.string().optional();

/** What the lines say besides who, where and when. */
const data = z.strictObject({
  program: z.string(),
  host: z.string(),
  pid: text,
  /** The account that was named, where it is not the actor; it may not exist. */
  user: text,
  port: z.int().optional(),
  /** `password`, `publickey`, … */
  method: text,
  protocol: text,
  /** The kind of the key and its fingerprint. */
  keyType: text,
  key: text,
  /** Why, in the words of the line. */
  cause: text,
  command: text,
  directory: text,
  terminal: text,
  /** What sshd listens on. */
  interface: text,
  /** The line as it was. Addresses and names are in it, so it can be erased with the actor's data. */
  original: personal(z.string(), { of: "actor" }),
});

const line = (op: Op, says: string, severity: Severity = "info") => action({ op, says, data, severity });

/** What sshd, sudo and su write to `auth.log`. */
export const sshdLog = defineLog("sshd", {
  title: "SSH log",
  actions: {
    "login-accepted": line("auth", "{actor} logged in on {data.host} by {data.method}"),
    "login-failed": line("auth", "Log-in as {data.user} on {data.host} by {data.method} failed", "warning"),
    "user-unknown": line("auth", "Log-in as {data.user} on {data.host}, who does not exist", "warning"),
    "user-refused": line("auth", "Log-in as {data.user} on {data.host} is not allowed: {data.cause}", "warning"),
    "attempts-exceeded": line("auth", "Too many attempts to log in as {data.user} on {data.host}", "warning"),
    "pam-authentication-failed": line("auth", "PAM could not authenticate {data.user} on {data.host}", "warning"),
    "connection-opened": line("other", "A client connected to {data.host}"),
    "connection-closed": line("other", "The connection of a client to {data.host} was closed"),
    "connection-reset": line("other", "The connection of a client to {data.host} was reset"),
    "disconnect-received": line("other", "A client of {data.host} disconnected: {data.cause}"),
    disconnected: line("other", "A client was disconnected from {data.host}"),
    "session-opened": line("auth", "A {data.program} session for {data.user} was opened on {data.host}"),
    "session-closed": line("auth", "A {data.program} session for {data.user} was closed on {data.host}"),
    "channel-started": line("execute", "{actor} started a session on {data.host}: {data.command}"),
    "channel-ended": line("execute", "{actor} ended a session on {data.host}"),
    "identification-missing": line("other", "A client of {data.host} did not say who it is", "warning"),
    "protocol-refused": line("other", "A client of {data.host} spoke another protocol: {data.cause}", "warning"),
    "negotiation-failed": line("other", "A client of {data.host} could not agree on a cipher: {data.cause}", "warning"),
    "server-started": line("other", "sshd of {data.host} listens on {data.interface} port {data.port}"),
    "server-stopped": line("other", "sshd of {data.host} stopped"),
    "command-run": line("execute", "{actor} ran {data.command} as {data.user} on {data.host}"),
    "command-refused": line(
      "execute",
      "{actor} may not run {data.command} as {data.user} on {data.host}: {data.cause}",
      "warning",
    ),
    "user-switched": line("auth", "{actor} became {data.user} on {data.host}"),
    "user-switch-failed": line("auth", "{actor} could not become {data.user} on {data.host}", "warning"),
    other: line("other", "{data.program} on {data.host}: {data.cause}"),
  },
  list: {
    columns: ["time", "action", "actor", "data.user", "ip", "outcome", "data.host"],
    filters: ["action", "outcome", "ip", "data.user", "data.host", "data.method"],
    search: ["data.user", "data.command"],
  },
});
