/** The machine and the file, before it is looked into. */

import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { readValue, type SqliteConnection } from "../../stores/sqlite/driver.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** Below this a busy trail can fill the disk before somebody looks. */
const littleSpaceBytes = 256 * 1024 * 1024;

export function checkNode(): Finding {
  return ok("node", `Node ${process.versions.node}`);
}

export function checkSqlite(connection: SqliteConnection): Finding {
  return ok("sqlite", `SQLite ${String(readValue(connection, "SELECT sqlite_version()"))}, through node:sqlite`);
}

export function checkFile(file: string): Finding {
  const { size, mode } = statSync(file);
  const megabytes = `${(size / 1_000_000).toFixed(1)} MB`;
  // On Windows the mode says nothing about who may read.
  const bits = process.platform === "win32" ? 0 : mode & 0o777;
  const shown = (mode & 0o777).toString(8);
  if ((bits & 0o002) !== 0)
    return problem(
      "file",
      `${megabytes}; everybody on this machine can write to it (mode ${shown})`,
      `chmod 600 ${file}`,
    );
  if ((bits & 0o004) !== 0)
    return warning(
      "file",
      `${megabytes}; everybody on this machine can read it (mode ${shown})`,
      `chmod 600 ${file}, if it holds what not everybody may know`,
    );
  const { bavail, bsize } = statfsSync(dirname(resolve(file)));
  if (bavail * bsize < littleSpaceBytes) {
    return warning(
      "file",
      `${megabytes}; its disk has ${Math.round((bavail * bsize) / 1_000_000)} MB left`,
      "Free some space, or move the trail",
    );
  }
  return ok("file", `${megabytes}, mode ${shown}`);
}

/** Whether recording is possible and durable: tried on a connection of its own, in a transaction that is rolled back. */
export function checkWriting(file: string, open: () => SqliteConnection): Finding {
  try {
    accessSync(file, constants.W_OK);
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch {
    return warning(
      "writing",
      "the file, or the directory it is in, cannot be written by this user",
      "Nothing, if the trail is only read here",
    );
  }
  const connection = open();
  try {
    if (readValue(connection, "PRAGMA journal_mode") !== "wal") {
      return warning(
        "writing",
        "the file is not in write-ahead logging",
        "Nothing: the next program that records switches it",
      );
    }
    connection.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ROLLBACK");
    const level = Number(readValue(connection, "PRAGMA synchronous"));
    if (level < 2)
      return problem(
        "writing",
        `SQLite does not flush commits (synchronous is ${level})`,
        "Use another build of SQLite",
      );
    return ok("writing", "can be written, with write-ahead logging and flushed commits");
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    if (/locked|busy/i.test(found)) {
      return warning(
        "writing",
        "another program holds the write lock",
        "Run this again; if it stays so, find the program that does not finish its transaction",
      );
    }
    return problem("writing", `a transaction could not be begun: ${found}`, "Check the disk and the permissions");
  } finally {
    connection.close();
  }
}
