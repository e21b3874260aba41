/** What is to be verified: the trails of a live store, or exported evidence. */

import { existsSync, openSync, closeSync, readSync, statSync } from "node:fs";

import { AuditError, quote } from "../../base/errors.ts";
import type { TrailEvidence } from "../../integrity/evidence.ts";
import type { CliEnvironment } from "../environment.ts";
import { storeFile, type GlobalOptions } from "../open-store.ts";
import { isAddress, openStoreAt } from "../store-place.ts";
import { readInput } from "./trust.ts";

export interface SubjectOptions extends GlobalOptions {
  readonly tenant?: string;
  readonly disclosure?: string;
}

/** One trail. */
export interface Subject {
  /** How people call it: the tenant, or the file. */
  readonly name: string;
  readonly evidence: TrailEvidence;
  /** The policy that came along with exported evidence. */
  readonly ownPolicy: string | undefined;
}

export interface Subjects {
  readonly isLive: boolean;
  readonly subjects: readonly Subject[];
  close(): Promise<void>;
}

/** Errors: `STORE_NOT_FOUND`, `ENTRY_NOT_FOUND` for an unknown tenant, `FILE_UNREADABLE`, `VERIFY_MALFORMED`, those of the store. */
export async function openSubjects(
  path: string | undefined,
  options: SubjectOptions,
  environment: CliEnvironment,
): Promise<Subjects> {
  const file = path ?? storeFile(options, environment);
  if (path !== undefined && !isAddress(path) && !existsSync(file))
    throw new AuditError("STORE_NOT_FOUND", `Cannot verify ${quote(file)}: there is nothing at that path.`);
  return path !== undefined && !isAddress(path) && !isDatabase(file)
    ? openExported(file, options)
    : openLive(file, options);
}

/** Every SQLite database begins so (https://www.sqlite.org/fileformat.html). */
const databaseStart = "SQLite format 3\0";

function isDatabase(file: string): boolean {
  if (statSync(file).isDirectory()) return false;
  const descriptor = openSync(file, "r");
  try {
    const start = Buffer.alloc(databaseStart.length);
    readSync(descriptor, start, 0, start.length, 0);
    return start.toString("latin1") === databaseStart;
  } finally {
    closeSync(descriptor);
  }
}

async function openExported(path: string, { disclosure }: SubjectOptions): Promise<Subjects> {
  const { openEvidence } = await import("../../evidence/open-evidence.ts");
  const opened = await openEvidence(path);
  const { policy } = opened.evidence;
  const evidence = disclosure === undefined ? opened.evidence : await disclose(opened.evidence, disclosure);
  return {
    isLive: false,
    subjects: [{ name: path, evidence, ownPolicy: policy }],
    close: async () => opened[Symbol.dispose](),
  };
}

async function disclose(
  evidence: Awaited<ReturnType<typeof import("../../evidence/open-evidence.ts").openEvidence>>["evidence"],
  file: string,
) {
  const { discloseEvidence } = await import("../../evidence/disclosed-evidence.ts");
  const { parseDisclosure } = await import("../../evidence/disclosure.ts");
  return discloseEvidence(evidence, parseDisclosure(readInput(file)));
}

async function openLive(file: string, { tenant }: SubjectOptions): Promise<Subjects> {
  const { openStoreEvidence } = await import("../../verification/store-evidence.ts");
  const store = await openStoreAt(file, { readOnly: true });
  try {
    const tenants = tenant === undefined ? (await store.listTrails()).map((head) => head.tenant) : [tenant];
    const subjects: Subject[] = [];
    for (const name of tenants)
      subjects.push({ name, evidence: await openStoreEvidence(store, name), ownPolicy: undefined });
    return { isLive: true, subjects, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}
