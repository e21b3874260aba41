/** Passwords as scrypt hashes, with the cost beside each, so that it can be raised later. */

import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";

const keyBytes = 32;

function derive(password: string, salt: Buffer, costLog2: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** costLog2, r: 8, p: 1, maxmem: 256 * 2 ** costLog2 * 8 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

export async function hashPassword(password: string, costLog2: number): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, costLog2);
  return `scrypt$${costLog2}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

/** Takes as long for nobody as for somebody: without a hash one is derived all the same. */
export async function isPassword(password: string, hash: string | null, costLog2: number): Promise<boolean> {
  const [, cost = "", salt = "", key = ""] = hash?.split("$") ?? [];
  const derived = await derive(password, Buffer.from(salt, "base64url"), hash === null ? costLog2 : Number(cost));
  const expected = Buffer.from(key, "base64url");
  return hash !== null && expected.length === derived.length && timingSafeEqual(expected, derived);
}

const signs = "abcdefghjkmnpqrstuvwxyz23456789";

/** Good for one sign-in, to choose another: some 79 bits, readable on paper. */
export function drawPassword(): string {
  const drawn = [...randomBytes(16)].map((byte) => signs[byte % signs.length]).join("");
  return drawn.replaceAll(/(.{4})(?=.)/g, "$1-");
}
