/**
 * Checks the proof of an entry in the reader's own browser. Loaded when somebody asks for it: it brings the cryptography along.
 */

import {
  createLogPolicy,
  leafHash,
  parseCheckpoint,
  parseSignedNote,
  parseVerifierKey,
  readCosignatureTime,
  signatureTypes,
  verifyCosignature,
  verifyInclusion,
  verifyProofFile,
  type VerifierKey,
} from "auditrail/integrity";

import type { Entry, Json, Proof } from "../api/types.ts";

export interface ProofStep {
  readonly says: string;
  readonly detail: string;
  /** `open` where it cannot be said. */
  readonly result: "holds" | "fails" | "open";
}

/** Every step from what is shown to what was signed. A step that fails is where somebody has to look. */
export async function verifyProof(entry: Entry, proof: Proof, trustedKey: string): Promise<readonly ProofStep[]> {
  const { text, checkpoint } = proof;
  if (text === null) {
    return [
      {
        says: "The server does not give the entry's bytes",
        detail: "Without them nothing can be checked here.",
        result: "open",
      },
    ];
  }
  const hash = leafHash(text);
  const steps = [
    step(
      "The bytes say what is shown",
      `${new TextEncoder().encode(text).length.toLocaleString("en")} bytes of canonical JSON`,
      () => isInside(JSON.parse(text) as Json, entry.event as unknown as Json),
    ),
    step(
      "Their leaf hash is the entry's",
      toHex(hash),
      () => toHex(hash) === entry.hash && entry.hash === proof.leafHash,
    ),
    step(
      `${proof.path.length} hashes lead to the root`,
      `position ${proof.seq} in a tree of ${proof.size.toLocaleString("en")}: ${proof.root}`,
      () => {
        verifyInclusion({
          index: proof.seq,
          size: proof.size,
          leafHash: hash,
          root: toBytes(proof.root),
          proof: proof.path.map(toBytes),
        });
        return proof.seq === entry.seq;
      },
    ),
  ];
  if (checkpoint === null) {
    return [
      ...steps,
      {
        says: "No signed checkpoint covers it yet",
        detail: "The tree is the server's own word until one is signed.",
        result: "open",
      },
    ];
  }
  const note = parseSignedNote(checkpoint.note);
  const signed = parseCheckpoint(note.text);
  const trusted = readKeys(trustedKey);
  const witnessKeys = trusted instanceof Error ? [] : trusted.filter(isWitness);
  return [
    ...steps,
    step(
      "A checkpoint has signed this root",
      `${signed.origin}, ${signed.size.toLocaleString("en")} entries`,
      () => signed.size === proof.size && toBase64(signed.root) === proof.root,
    ),
    await checkSignature(proof, text, note.signatures.map(({ name }) => name).join(", "), trusted),
    ...witnessKeys.flatMap((key) =>
      note.signatures
        .filter(({ name }) => name === key.name)
        .map((signature) =>
          step(`Witnessed by ${key.name}`, showTime(readCosignatureTime(signature)), () => {
            verifyCosignature(note.text, signature, key);
            return true;
          }),
        ),
    ),
  ];
}

/** The keys that were given, of the log and of witnesses; the error where one of them is none. */
function readKeys(text: string): readonly VerifierKey[] | Error {
  try {
    return text
      .split(/\s+/)
      .filter((key) => key !== "")
      .map(parseVerifierKey);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isWitness({ type }: VerifierKey): boolean {
  return type === signatureTypes.cosignature;
}

/** Who says to have seen the checkpoint, and when; believed only where a step above checks it. */
export function listWitnesses(note: string): readonly string[] {
  return parseSignedNote(note).signatures.flatMap((signature) => {
    try {
      return [`${signature.name}, ${showTime(readCosignatureTime(signature))}`];
    } catch {
      return []; // The log's own signature has no time.
    }
  });
}

function showTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** One key vouches for all trails of a store, which is what verifying the whole proof file knows about. */
async function checkSignature(
  { tlogProof }: Proof,
  text: string,
  signers: string,
  trusted: readonly VerifierKey[] | Error,
): Promise<ProofStep> {
  const says = "It is signed by the key that you trust";
  if (trusted instanceof Error) return { says, detail: trusted.message, result: "fails" };
  const logKeys = trusted.filter((key) => !isWitness(key));
  if (logKeys.length === 0) {
    return {
      says: "The signature is not checked",
      detail: `Signed by ${signers}. Give the verifier key that you trust, from a place that is not this server.`,
      result: "open",
    };
  }
  try {
    if (tlogProof === null) return { says, detail: "The server gives no proof file.", result: "open" };
    await verifyProofFile(tlogProof, text, createLogPolicy(logKeys));
    return { says, detail: signers, result: "holds" };
  } catch (error) {
    return { says, detail: messageOf(error), result: "fails" };
  }
}

function step(says: string, detail: string, holds: () => boolean): ProofStep {
  try {
    return { says, detail, result: holds() ? "holds" : "fails" };
  } catch (error) {
    return { says, detail: messageOf(error), result: "fails" };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Personal data is put beside the bytes when it is shown, so what is shown may have more; what is in the bytes must all be there. */
function isInside(part: Json, whole: Json | undefined): boolean {
  if (typeof part !== "object" || part === null) return part === whole;
  if (typeof whole !== "object" || whole === null) return false;
  return Object.entries(part).every(([name, value]) => {
    const shown = (whole as { readonly [name: string]: Json })[name];
    return value === null && Array.isArray(part) ? true : isInside(value as Json, shown);
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
