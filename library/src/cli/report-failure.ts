import { CommanderError } from "commander";

import { AuditError, isAuditError } from "../base/errors.ts";
import type { CliEnvironment } from "./environment.ts";
import { exitCodes, exitOfError } from "./exit-codes.ts";
import { OutputClosed } from "./output-closed.ts";
import { createPaint } from "./paint.ts";
import { visibleJson, visibleLines } from "../formats/visible-text.ts";

/** Tells on stderr why a command failed, as text or as one line of JSON; answers the exit code. */
export async function reportFailure(error: unknown, environment: CliEnvironment, asJson: boolean): Promise<number> {
  if (error instanceof OutputClosed) return exitCodes.ok.code;
  if (environment.signal.aborted) return exitCodes.interrupted.code;
  const failure = asAuditError(error);
  const text = asJson ? `${visibleJson(describe(failure))}\n` : format(failure, environment);
  await environment.stderr.write(text).catch(ignoreClosed);
  return isAuditError(failure) ? exitCodes[exitOfError(failure.code)].code : exitCodes.failed.code;
}

/** What commander says of a command line is a usage error of ours. */
function asAuditError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const [sentence, ...hints] = error.message.replace(/^error: /, "").split("\n");
  const message = [`${capitalise(sentence!)}.`, ...hints.map((hint) => hint.replace(/^\((.*)\)$/, "$1"))].join(" ");
  return new AuditError("USAGE_INVALID", message, { cause: error });
}

function capitalise(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1).replace(/\.$/, "");
}

function describe(failure: unknown) {
  if (!isAuditError(failure)) return { error: { code: "UNEXPECTED", message: String(failure), details: {} } };
  const { code, message, details } = failure;
  return { error: { code, message, details } };
}

function format(failure: unknown, { stderr }: CliEnvironment): string {
  const paint = createPaint(stderr);
  if (!isAuditError(failure)) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    return `${paint.bad("error")}  This is a fault of ours; please report it.\n${visibleLines(text).join("\n")}\n`;
  }
  const lines = visibleLines(failure.message).join("\n");
  return `${paint.bad("error")}  ${lines}\n       ${paint.dim(failure.code)}\n`;
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof OutputClosed)) throw error;
}
