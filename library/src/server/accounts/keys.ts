import { randomBytes } from "node:crypto";

import { AuditError, quote } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Scope } from "../route.ts";
import { texts, type AccountsFile, type Row } from "./accounts-file.ts";
import { hashToken } from "./sessions.ts";

export interface ApiKey {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly tenants: readonly string[] | null;
  readonly createdAtMicros: number;
  readonly createdBy: string;
  readonly expiresAtMicros: number | null;
  readonly revokedAtMicros: number | null;
  readonly usedAtMicros: number | null;
}

export interface NewKey {
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly tenants?: readonly string[] | null | undefined;
  readonly createdBy: string;
  readonly expiresAtMicros: number | null;
}

export type Keys = ReturnType<typeof createKeys>;

/** So that scanners for leaked secrets recognise it. */
const keyPrefix = "auditrail_key_";
const usedEveryMicros = 60_000_000;

/** API keys: 256 random bits with the program, their SHA-256 in the file. Random bits need no slow hash. */
export function createKeys(file: AccountsFile, clock: Clock, ids: () => string) {
  const read = (id: string): ApiKey | undefined => {
    const row = file.get("SELECT * FROM auditrail_server_key WHERE id = ?", id);
    return row === undefined ? undefined : toKey(row);
  };
  return {
    list: (): readonly ApiKey[] =>
      file.all("SELECT * FROM auditrail_server_key ORDER BY created_at DESC, id").map(toKey),

    create({ label, scopes, tenants = null, createdBy, expiresAtMicros }: NewKey): {
      readonly key: ApiKey;
      readonly secret: string;
    } {
      const secret = keyPrefix + randomBytes(32).toString("base64url");
      const id = ids();
      file.run(
        "INSERT INTO auditrail_server_key (id, hash, label, scopes, tenants, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ...([id, hashToken(secret), label, JSON.stringify(scopes)] as const),
        ...([
          tenants === null ? null : JSON.stringify(tenants),
          clock.nowMicros(),
          createdBy,
          expiresAtMicros,
        ] as const),
      );
      return { key: read(id)!, secret };
    },

    /** Errors: `KEY_NOT_FOUND`. */
    revoke(id: string): ApiKey {
      const key = read(id);
      const sql = "UPDATE auditrail_server_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
      if (key === undefined || file.run(sql, clock.nowMicros(), id) === 0) {
        throw new AuditError("KEY_NOT_FOUND", `There is no API key ${quote(id)} in force.`);
      }
      return key;
    },

    /** The key, while it is in force. */
    find(secret: string): ApiKey | undefined {
      if (!secret.startsWith(keyPrefix)) return undefined;
      const row = file.get("SELECT * FROM auditrail_server_key WHERE hash = ?", hashToken(secret));
      if (row === undefined) return undefined;
      const key = toKey(row);
      const now = clock.nowMicros();
      if (key.revokedAtMicros !== null || (key.expiresAtMicros !== null && now >= key.expiresAtMicros))
        return undefined;
      if (now - (key.usedAtMicros ?? 0) >= usedEveryMicros) {
        file.run("UPDATE auditrail_server_key SET used_at = ? WHERE id = ?", now, key.id);
      }
      return key;
    },
  };
}

function toKey(row: Row): ApiKey {
  return {
    id: row["id"] as string,
    label: row["label"] as string,
    scopes: (texts(row["scopes"]) ?? []) as readonly Scope[],
    tenants: texts(row["tenants"]),
    createdAtMicros: row["created_at"] as number,
    createdBy: row["created_by"] as string,
    expiresAtMicros: row["expires_at"] as number | null,
    revokedAtMicros: row["revoked_at"] as number | null,
    usedAtMicros: row["used_at"] as number | null,
  };
}
