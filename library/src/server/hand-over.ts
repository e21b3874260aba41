/**
 * Single sign-on by hand-over: an application that has signed somebody in itself signs a link that brings them into the console. What is
 * signed is a payload and its HMAC-SHA256 under a key that both sides have; it is good once, and for seconds.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { z } from "zod";

import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import { systemClock, type Clock } from "../base/time.ts";

/** Administrators are made by administrators alone: what they do outlives a session. */
export const handedOverRoles = ["viewer", "staff", "auditor"] as const;
export type HandedOverRole = (typeof handedOverRoles)[number];

const claim = z.strictObject({
  /** Whom the application calls so: the same id is the same person, whatever their name. */
  id: z.string().min(1).max(200),
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u),
  roles: z.array(z.enum(handedOverRoles)).min(1),
  tenants: z.array(z.string().min(1).max(200)).nullable(),
  nonce: z.string().min(16).max(64),
  expiresAtMicros: z.int(),
});

export type HandOverClaim = Readonly<z.infer<typeof claim>>;

export interface HandOverOptions {
  /** What the application signs with: at least 32 bytes, or 32 characters. */
  readonly key: string | Uint8Array;
  /** The most that a link may be good for, in seconds; 60 unless said. */
  readonly maxAgeSeconds?: number;
  /** What the application may make of people; only viewers unless said. */
  readonly roles?: readonly HandedOverRole[];
}

export interface HandOverLinkOptions {
  /** The audit server as browsers know it, with its prefix: `https://audit.example.com/audit`. */
  readonly server: string;
  /** The key that the server has as `handOver.key`. */
  readonly key: string | Uint8Array;
  /** Who is signed in to the application. The same id is the same person, whatever their name. */
  readonly person: { readonly id: string; readonly name: string };
  /** Viewer unless said. */
  readonly roles?: readonly HandedOverRole[];
  /** The tenants whose trails they may read; all unless said. */
  readonly tenants?: readonly string[];
  /** Where in the console they arrive: a path behind its `#`, such as `/log/voucher`. */
  readonly to?: string;
  /** How long the link is good for, in seconds; 30 unless said. */
  readonly seconds?: number;
  readonly clock?: Clock;
}

const leastKeyBytes = 32;
const prefix = "auditrail_hand_over_";

/**
 * A link that signs one person in, once. Make it when they click, and redirect to it; never store it.
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`.
 *
 * @example
 * app.get("/audit-log", (request, response) => {
 *   const person = { id: request.user.id, name: request.user.name };
 *   response.redirect(handOverLink({ server: "https://audit.example.com", key, person, to: "/log/voucher" }));
 * });
 */
export function handOverLink(options: HandOverLinkOptions): string {
  const names = ["server", "key", "person", "roles", "tenants", "to", "seconds", "clock"] as const;
  assertKnownOptions("handOverLink()", options, names);
  const { server, person, roles = ["viewer"], tenants, to, seconds = 30, clock = systemClock } = options;
  const key = keyOf("handOverLink()", options.key);
  const said = claim.safeParse({
    ...{ id: person.id, name: person.name.trim(), roles, tenants: tenants ?? null },
    nonce: randomBytes(18).toString("base64url"),
    expiresAtMicros: clock.nowMicros() + Math.round(seconds * 1_000_000),
  });
  if (!said.success) throw invalid("handOverLink()", z.prettifyError(said.error));
  if (!URL.canParse(server)) throw invalid("handOverLink()", `server is ${quote(server)}, expected an address`);
  if (to !== undefined && !to.startsWith("/"))
    throw invalid("handOverLink()", `to is ${quote(to)}, expected a path such as /log/voucher`);
  const fragment = new URLSearchParams({
    "hand-over": formatHandOver(said.data, key),
    ...(to === undefined ? {} : { to }),
  });
  return `${server.replace(/\/+$/, "")}/#${fragment.toString()}`;
}

function formatHandOver(said: HandOverClaim, key: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(said)).toString("base64url");
  return `${prefix}${text}.${sign(text, key).toString("base64url")}`;
}

/** What an application that knows the key has signed, whether it is good any more or not. */
export function parseHandOver(token: string, key: Uint8Array): HandOverClaim | undefined {
  if (!token.startsWith(prefix)) return undefined;
  const [text = "", signature = "", ...more] = token.slice(prefix.length).split(".");
  const [expected, given] = [sign(text, key), Buffer.from(signature, "base64url")];
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return claim.safeParse(JSON.parse(Buffer.from(text, "base64url").toString())).data;
}

/** The purpose is part of what is signed, so that nothing else that an application signs with its key is one of these. */
function sign(text: string, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update(`auditrail/hand-over/1\0${text}`).digest();
}

/** Errors: `OPTION_INVALID` for a key that could be guessed. */
export function keyOf(what: string, key: string | Uint8Array): Uint8Array {
  const bytes = typeof key === "string" ? Buffer.from(key) : key;
  if (bytes instanceof Uint8Array && bytes.length >= leastKeyBytes) return bytes;
  throw invalid(what, `key must have at least ${leastKeyBytes} bytes: make one with \`openssl rand -base64 32\``);
}

function invalid(what: string, problem: string): AuditError {
  return new AuditError("OPTION_INVALID", `Cannot use the options of ${what}: ${problem}.`);
}

/** What the server takes hand-overs by, with nothing left open. */
export interface HandOverRules {
  readonly key: Uint8Array;
  readonly maxAgeMicros: number;
  readonly roles: readonly HandedOverRole[];
}

/** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`. */
export function handOverRules(options: HandOverOptions | undefined): HandOverRules | undefined {
  if (options === undefined) return undefined;
  const what = "createServer({ handOver })";
  assertKnownOptions(what, options, ["key", "maxAgeSeconds", "roles"]);
  const { maxAgeSeconds = 60, roles = ["viewer"] } = options;
  if (!(maxAgeSeconds > 0 && maxAgeSeconds <= 3_600))
    throw invalid(what, `maxAgeSeconds is ${quote(maxAgeSeconds)}, expected 1 to 3600`);
  const unknown = roles.filter((role) => !handedOverRoles.includes(role));
  if (unknown.length > 0)
    throw invalid(what, `roles has ${quote(unknown[0])}, expected ${handedOverRoles.join(" or ")}`);
  return { key: keyOf(what, options.key), maxAgeMicros: maxAgeSeconds * 1_000_000, roles };
}
