/** Events that wait on disk because the store failed, and files that a process left behind. */

import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { visibleText } from "../../formats/visible-text.ts";
import { counted, ok, problem, warning, type Finding } from "./finding.ts";

/** Looks into the directory given, and beside the trail. */
export function checkSpool(file: string, directory: string | undefined): Finding {
  const places = [...new Set([dirname(resolve(file)), ...(directory === undefined ? [] : [resolve(directory)])])];
  const files = places.flatMap(listFiles);
  const damaged = files.filter((name) => name.endsWith(".damaged"));
  if (damaged.length > 0) {
    return problem(
      "spool",
      `${counted(damaged.length, "spool file is", "spool files are")} damaged: ${damaged.slice(0, 3).map(visibleText).join(", ")}`,
      "Keep them: the lines whose check sum fits can still be read",
    );
  }
  const waiting = files.filter((name) => name.endsWith(".spool"));
  if (waiting.length > 0) {
    return warning(
      "spool",
      `${counted(waiting.length, "file waits", "files wait")} to be moved into the trail`,
      "Nothing, while their program runs; otherwise start it, which takes them up",
    );
  }
  const where =
    directory === undefined
      ? "nothing beside the trail (name the application's directory with --spool)"
      : "nothing waits";
  return ok("spool", where);
}

function listFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => /\.spool(\.damaged)?$/.test(name));
  } catch {
    return [];
  }
}
