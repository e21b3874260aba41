/** The driver for stores that are named by an address: `pg`, out of the project that uses us. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { AuditError } from "../../base/errors.ts";
import type { PgPool } from "./client.ts";

interface PgModule {
  readonly Pool: new (options: object) => PgPool & { on(event: "error", listener: () => void): unknown };
}

/** A pool of connections to that address. Errors: `RUNTIME_UNSUPPORTED` where `pg` is not installed. */
export async function openPool(url: string, maxConnections: number): Promise<PgPool> {
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString: url, max: maxConnections, application_name: "auditrail" });
  // An idle connection that the server ends is replaced when one is needed again; without a listener it ends the process.
  pool.on("error", () => undefined);
  return pool;
}

/** The address as drivers take it, and the schema that ours may name: `postgres://…/shop?schema=trail`. Errors: `OPTION_INVALID`. */
export function readAddress(address: string): { readonly address: string; readonly schema?: string } {
  if (!/^postgres(ql)?:\/\//i.test(address)) return { address };
  const url = URL.parse(address);
  // Without the address, which has a password.
  if (url === null) throw new AuditError("OPTION_INVALID", "Cannot read the address of the store: it is no URL.");
  const schema = url.searchParams.get("schema");
  if (schema === null) return { address };
  url.searchParams.delete("schema");
  return { address: url.href, schema };
}

async function loadPg(): Promise<PgModule> {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    const path = resolvePg(from);
    if (path !== undefined) {
      const loaded = (await import(pathToFileURL(path).href)) as { readonly default: PgModule };
      return loaded.default;
    }
  }
  throw new AuditError(
    "RUNTIME_UNSUPPORTED",
    "Cannot open a Postgres store by its address: the package pg is not installed here. Run npm install pg, or pass a connection of your own.",
  );
}

function resolvePg(from: string): string | undefined {
  try {
    return createRequire(from).resolve("pg");
  } catch {
    return undefined;
  }
}
