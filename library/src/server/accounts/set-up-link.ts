import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

import type { Clock } from "../../base/time.ts";

export interface SetUpLink {
  /** A new token, good for an hour; the one before is not good any more. */
  renew(): string;
  accepts(token: string): boolean;
  /** The link was used. */
  drop(): void;
}

const goodForMicros = 3_600_000_000;

/** The one-time link by which the first person is made. Its token lives in this process's memory alone. */
export function createSetUpLink(clock: Clock): SetUpLink {
  let current: { readonly hash: Buffer; readonly until: number } | undefined;
  const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();
  return {
    renew() {
      const token = randomBytes(32).toString("base64url");
      current = { hash: hashOf(token), until: clock.nowMicros() + goodForMicros };
      return token;
    },
    accepts: (token) =>
      current !== undefined && clock.nowMicros() < current.until && timingSafeEqual(current.hash, hashOf(token)),
    drop: () => (current = undefined),
  };
}
