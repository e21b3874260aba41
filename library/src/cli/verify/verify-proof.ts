/** Verifying one entry by its proof file. */

import { AuditError } from "../../base/errors.ts";
import { formatInstant } from "../../base/time.ts";
import { parseTlogProof } from "../../integrity/tlog-proof.ts";
import { parseCheckpoint } from "../../integrity/checkpoint.ts";
import { parseSignedNote } from "../../integrity/signed-note.ts";
import { verifyProofFile } from "../../integrity/verify-proof-file.ts";
import type { CliEnvironment } from "../environment.ts";
import type { GlobalOptions } from "../open-store.ts";
import { createPaint } from "../paint.ts";
import { visibleJson, visibleText } from "../../formats/visible-text.ts";
import { policyFor, readInput, readTrust, timestampVerifier, type TrustOptions } from "./trust.ts";

/** Errors: those of `verifyProofFile()`; `USAGE_INVALID` without an entry or without anybody to believe. */
export async function runVerifyProof(
  path: string | undefined,
  proofFile: string,
  options: GlobalOptions & TrustOptions,
  environment: CliEnvironment,
): Promise<void> {
  if (path === undefined)
    throw new AuditError(
      "USAGE_INVALID",
      "--proof needs the entry it is about: auditrail verify entry.json --proof entry.tlog-proof",
    );
  const proof = readInput(proofFile);
  // An entry is its bytes, but a newline that an editor or a shell put behind it is none of them: canonical JSON has none.
  const entry = readInput(path).replace(/\r?\n$/, "");
  const { origin } = parseCheckpoint(parseSignedNote(parseTlogProof(proof).checkpoint).text);
  const trust = await readTrust(options, environment, true);
  const policy = policyFor(trust, origin.replace(/\/epoch-\d+$/, ""));
  if (policy === undefined)
    throw new AuditError(
      "USAGE_INVALID",
      "Cannot verify a proof without knowing whom to believe: give --key or --policy.",
    );
  const { index, checkpoint, times } = await verifyProofFile(proof, entry, policy, await timestampVerifier(options));
  const { stdout } = environment;
  const seenBy = times.map(({ by, timeSeconds }) => ({ by, time: formatInstant(timeSeconds * 1_000_000) }));
  if (options.json === true) {
    return stdout.write(
      `${visibleJson({ verdict: "verified", index, origin: checkpoint.origin, size: checkpoint.size, seenBy })}\n`,
    );
  }
  const { good, dim } = createPaint(stdout);
  await stdout.write(`${good("✓ verified")}  entry ${index} of ${visibleText(checkpoint.origin)}\n`);
  await stdout.write(
    `  ${dim(`It is in the checkpoint of size ${checkpoint.size.toLocaleString("en")}, accepted by ${visibleText(trust.from)}.`)}\n`,
  );
  for (const { by, time } of seenBy) await stdout.write(`  ${dim(`Seen by ${visibleText(by)} at ${time}`)}\n`);
}
