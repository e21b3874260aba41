/** Tokens with which one timeline can be read for a short time: a payload, and our HMAC of it. */

import { createHmac, timingSafeEqual } from "node:crypto";

import { z } from "zod";

import { AuditError } from "../base/errors.ts";

const payload = z.object({
  id: z.string(),
  tenant: z.string(),
  of: z.enum(["actor", "target", "operation"]),
  reference: z.string(),
  /** Whether personal data is shown; never restricted logs. */
  reveals: z.boolean().default(false),
  expiresAtMicros: z.int(),
});

export type EmbedScope = Readonly<z.infer<typeof payload>>;

const prefix = "auditrail_embed_";

export function isEmbedToken(token: string): boolean {
  return token.startsWith(prefix);
}

export function formatEmbedToken(scope: EmbedScope, secret: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(scope)).toString("base64url");
  return `${prefix}${text}.${sign(text, secret).toString("base64url")}`;
}

/** Errors: `EMBED_INVALID` for a token that is not ours, was altered, or has run out. */
export function parseEmbedToken(token: string, secret: Uint8Array, nowMicros: number): EmbedScope {
  const [text = "", signature = "", ...more] = token.slice(prefix.length).split(".");
  const [expected, given] = [sign(text, secret), Buffer.from(signature, "base64url")];
  const isOurs =
    isEmbedToken(token) && more.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
  if (!isOurs) throw invalid("forged", "the token is not one of ours");
  const scope = payload.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  if (nowMicros < scope.expiresAtMicros) return scope;
  throw invalid("expired", "the token has run out. Ask the application for a new one");
}

/** Errors: `EMBED_INVALID` where a page means to show one thing and has the token of another. */
export function assertEmbedScope(
  { of, reference }: EmbedScope,
  expected: Readonly<Partial<Record<EmbedScope["of"], string | undefined>>>,
): void {
  const named = Object.entries(expected).filter(([, value]) => value !== undefined);
  if (named.every(([kind, value]) => kind === of && value === reference)) return;
  throw invalid("other", "the token is for another timeline than the page asks for");
}

function invalid(cause: "forged" | "expired" | "other", problem: string): AuditError {
  return new AuditError("EMBED_INVALID", `Cannot show a timeline: ${problem}.`, { details: { cause } });
}

/** The purpose is part of what is signed, so that no other token of ours is one of these. */
function sign(text: string, secret: Uint8Array): Buffer {
  return createHmac("sha256", secret).update(`auditrail/embed/1\0${text}`).digest();
}
