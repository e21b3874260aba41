/** Passwords as scrypt hashes (RFC 7914), with the parameters beside each, so that they can be raised later. */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

import { AuditError } from "../../base/errors.ts";

export interface Passwords {
  /** `scrypt$<log2 of N>$<r>$<p>$<salt>$<hash>`, base64. Errors: `SERVER_BUSY`. */
  hash(password: string): Promise<string>;
  /** Takes as long for a person who is not there (`undefined`) as for one who is. Errors: `SERVER_BUSY`. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

interface Parameters {
  readonly costLog2: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

/** One of OWASP's equivalent settings for scrypt: 32 MiB, some tenths of a second. */
const blockSize = 8;
const parallelism = 3;
export const defaultCostLog2 = 15;
const hashBytes = 32;
/** Each takes 32 MiB and a thread of the pool, which others need as well. */
const mostAtOnce = 2;
const mostWaiting = 32;

export function createPasswords(costLog2 = defaultCostLog2): Passwords {
  const enter = createQueue();
  const parameters = { costLog2, blockSize, parallelism };
  const derive = (password: string, salt: Buffer, given: Parameters) => enter(() => deriveKey(password, salt, given));
  let standIn: Promise<string> | undefined;
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16);
    const derived = await derive(password, salt, parameters);
    return ["scrypt", costLog2, blockSize, parallelism, salt.toString("base64"), derived.toString("base64")].join("$");
  };
  return {
    hash,
    async verify(password, stored) {
      const against = stored ?? (await (standIn ??= hash("")));
      const [, cost, size, parallel, salt, expected] = against.split("$");
      const given = { costLog2: Number(cost), blockSize: Number(size), parallelism: Number(parallel) };
      const derived = await derive(password, Buffer.from(salt ?? "", "base64"), given);
      const wanted = Buffer.from(expected ?? "", "base64");
      const isSame = wanted.length === derived.length && timingSafeEqual(wanted, derived);
      return isSame && stored !== undefined;
    },
  };
}

/** Composed and decomposed letters are one, whatever keyboard they come from (NIST SP 800-63B, 3.1.1.2). */
function deriveKey(password: string, salt: Buffer, given: Parameters): Promise<Buffer> {
  const { costLog2, blockSize: r, parallelism: p } = given;
  const N = 2 ** costLog2;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
}

/** Lets a few in at once, some more wait, and refuses the rest. */
function createQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting) throw new AuditError("SERVER_BUSY", "Too many people are signing in at once.");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
