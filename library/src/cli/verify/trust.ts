/** Whom a verification believes: the policy and keys that were given, or the keys that this machine signs with. */

import { readFileSync } from "node:fs";

import { AuditError, isAuditError, quote } from "../../base/errors.ts";
import { createVerifierKey, parseVerifierKey, signatureTypes, type NoteKey } from "../../integrity/note-key.ts";
import { parseTlogPolicy, type TlogPolicy } from "../../integrity/policy.ts";
import type { VerifyTimestamp } from "../../integrity/verify-checkpoints.ts";
import type { CliEnvironment } from "../environment.ts";
import { keyFileOf, type KeyOptions } from "../key-options.ts";

export interface TrustOptions extends KeyOptions {
  readonly policy?: string;
  readonly key?: readonly string[];
  readonly timestampCa?: string;
}

/** What was given, before it is known which trail it is for. */
export interface Trust {
  readonly policy: TlogPolicy | undefined;
  readonly keys: readonly NoteKey[];
  /** In words, for the report. */
  readonly from: string;
}

/** Errors: `FILE_UNREADABLE`, `VERIFY_POLICY_INVALID`, `VERIFY_KEY_INVALID`, those of a key file that was named. */
export async function readTrust(options: TrustOptions, environment: CliEnvironment, isLive: boolean): Promise<Trust> {
  const policy = options.policy === undefined ? undefined : parseTlogPolicy(readInput(options.policy));
  const keys = (options.key ?? []).map(parseVerifierKey);
  if (policy !== undefined) return { policy, keys, from: `the policy in ${options.policy}` };
  if (keys.length > 0) return { policy, keys, from: keys.length === 1 ? "the key given" : "the keys given" };
  if (!isLive && options.keys === undefined) return { policy, keys, from: "" };
  const own = await readOwnKeys(options, environment);
  return {
    policy,
    keys: own,
    from: own.length === 0 ? "" : `this machine's own keys (${keyFileOf(options, environment)})`,
  };
}

/** The keys in the key file; none where there is no such file and none was named. */
async function readOwnKeys(options: TrustOptions, environment: CliEnvironment): Promise<readonly NoteKey[]> {
  const { openKeyFile } = await import("../../sealing/key-file.ts");
  const isNamed = options.keys !== undefined || (environment.env["AUDITRAIL_KEYS"] ?? "") !== "";
  try {
    return openKeyFile(keyFileOf(options, environment)).keys;
  } catch (error) {
    if (!isNamed && isAuditError(error) && error.code === "KEY_FILE_MISSING") return [];
    throw error;
  }
}

/**
 * The policy for one trail. A key that is given by itself is meant for the trail whatever its name; one in a policy
 * vouches for what its name says. `undefined` where nothing was given.
 */
export function policyFor({ policy, keys }: Trust, origin: string): TlogPolicy | undefined {
  if (policy === undefined && keys.length === 0) return undefined;
  // The name of the store, below which its trails are, the anchor trail among them.
  const store = origin.slice(0, origin.lastIndexOf("/"));
  const logs = keys
    .filter(({ type }) => type === signatureTypes.ed25519)
    .map(({ publicKey }) => ({ key: createVerifierKey(store, publicKey) }));
  const base = policy ?? { logs: [], witnesses: [], groups: [], quorum: "none" };
  const isNew = ({ key }: (typeof logs)[number]): boolean =>
    !base.logs.some((log) => log.key.name === key.name && log.key.keyId === key.keyId);
  return { ...base, logs: [...base.logs, ...logs.filter(isNew)] };
}

/** Errors: `FILE_UNREADABLE`, `OPTION_INVALID`. */
export async function timestampVerifier({ timestampCa }: TrustOptions): Promise<VerifyTimestamp | undefined> {
  if (timestampCa === undefined) return undefined;
  const { parseCertificates, verifyTimestamp } = await import("../../sealing/timestamp-token.ts");
  const trusted = parseCertificates(readInput(timestampCa));
  return async (token, text) => {
    const { authority, timeMicros } = await verifyTimestamp(token, text, trusted);
    return { by: `time-stamping authority ${authority}`, timeSeconds: Math.floor(timeMicros / 1_000_000) };
  };
}

/** Errors: `FILE_UNREADABLE`. */
export function readInput(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AuditError(
      "FILE_UNREADABLE",
      `Cannot read ${quote(file)}: ${(cause as NodeJS.ErrnoException).code ?? "unknown error"}.`,
      { cause },
    );
  }
}
