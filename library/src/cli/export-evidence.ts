/** `auditrail export --evidence`: a trail as a file that verifies on another machine. */

import { existsSync, readFileSync } from "node:fs";

import { AuditError, quote } from "../base/errors.ts";
import type { ExportedEvidence } from "../evidence/export-evidence.ts";
import type { CliEnvironment } from "./environment.ts";
import { keyFileOf, type KeyOptions } from "./key-options.ts";
import { openForRecording, type GlobalOptions } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

export interface EvidenceCommandOptions extends GlobalOptions, KeyOptions {
  readonly evidence: string;
  readonly page?: string;
  readonly disclose?: string;
  readonly policy?: string;
  readonly tenant?: string;
}

/** Exports, and tells what a verifier says of it. Errors: those of `exportEvidence()`; the store has to be open for writing, as keys may be made. */
export async function runExportEvidence(
  text: string,
  options: EvidenceCommandOptions,
  environment: CliEnvironment,
): Promise<void> {
  const { exportEvidence } = await import("../evidence/export-evidence.ts");
  const { openStoreEvidence } = await import("../verification/store-evidence.ts");
  const { defaultTenant } = await import("../trail/prepare-event.ts");
  const tenant = options.tenant ?? defaultTenant;
  const { store, close } = await openForRecording(options, environment);
  try {
    const policy = await readPolicy(options, store.origin, environment);
    const exported = await exportEvidence({
      evidence: await openStoreEvidence(store as never, tenant),
      readKeys: (subjects) => store.readSubjectKeys(tenant, subjects, true),
      ...{ file: options.evidence, signal: environment.signal },
      ...(text === "" ? {} : { query: text }),
      ...(options.page === undefined ? {} : { page: options.page }),
      ...(options.disclose === undefined ? {} : { disclosure: options.disclose }),
      ...(policy === undefined ? {} : { policy }),
    });
    await tell(exported, options, environment);
  } finally {
    await close();
  }
}

/** `--policy`, or one that trusts this machine's own keys; none where there is neither. Errors: `FILE_UNREADABLE`, those of a key file. */
async function readPolicy(
  options: EvidenceCommandOptions,
  storeOrigin: string,
  environment: CliEnvironment,
): Promise<string | undefined> {
  if (options.policy !== undefined) return readText(options.policy);
  const file = keyFileOf(options, environment);
  if (options.keys === undefined && !existsSync(file)) return undefined;
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { createVerifierKey } = await import("../integrity/note-key.ts");
  const { createLogPolicy, formatTlogPolicy } = await import("../integrity/policy.ts");
  return formatTlogPolicy(
    createLogPolicy(openKeyFile(file).keys.map(({ publicKey }) => createVerifierKey(storeOrigin, publicKey))),
  );
}

function readText(file: string): string {
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

async function tell(
  exported: ExportedEvidence,
  options: EvidenceCommandOptions,
  { stdout, stderr, exitWith }: CliEnvironment,
): Promise<void> {
  const { size, shown, bytes, disclosed, report } = exported;
  if (report.verdict === "tampered") exitWith("tampered");
  if (options.json === true)
    return stdout.write(
      `${visibleJson({ size, shown, bytes, disclosed, verdict: report.verdict, counts: report.counts })}\n`,
    );
  const { good, bad, dim } = createPaint(stdout);
  const sign = report.verdict === "tampered" ? bad("✗") : good("✓");
  await stdout.write(
    `${sign} ${shown.toLocaleString("en")} of ${size.toLocaleString("en")} entries in ${visibleText(options.evidence)} (${Math.ceil(bytes / 1024).toLocaleString("en")} KiB)\n`,
  );
  if (options.page !== undefined)
    await stdout.write(`  ${dim(`${visibleText(options.page)} shows and verifies them in a browser.`)}\n`);
  if (options.disclose !== undefined)
    await stdout.write(
      `  ${dim(`${visibleText(options.disclose)} opens the personal data of ${disclosed.toLocaleString("en")} subjects: hand it over on another way.`)}\n`,
    );
  if (report.verdict === "tampered")
    await stderr.write(
      "A verifier rejects it: run `auditrail verify` on the store. If something was being erased just now, export again.\n",
    );
}
