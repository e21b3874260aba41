import type { Clock } from "../../base/time.ts";
import type { HandOverClaim } from "../hand-over.ts";
import type { AccountsFile } from "./accounts-file.ts";
import { toPerson, type Person } from "./people.ts";

export type HandedOver = ReturnType<typeof createHandedOver>;

/**
 * People whom an application hands over: rows among the others, without a password, found by the application's id for them. Nobody
 * signs in as one of them by name, because their folded name is their id.
 */
export function createHandedOver(file: AccountsFile, clock: Clock) {
  const find = (subject: string): Person | undefined => {
    const row = file.get(
      "SELECT p.* FROM auditrail_server_handed_over h JOIN auditrail_server_person p ON p.id = h.person WHERE h.subject = ?",
      subject,
    );
    return row === undefined ? undefined : toPerson(row);
  };
  const update = (id: string, { name, roles, tenants }: HandOverClaim) =>
    file.run(
      "UPDATE auditrail_server_person SET name = ?, roles = ?, tenants = ? WHERE id = ?",
      ...([name, JSON.stringify(roles), tenants === null ? null : JSON.stringify(tenants), id] as const),
    );
  const create = (id: string, subject: string): void => {
    file.run(
      "INSERT INTO auditrail_server_person (id, name, name_folded, password, roles, created_at) VALUES (?, '', ?, '', '[]', ?)",
      ...([id, id, clock.nowMicros()] as const),
    );
    file.run("INSERT INTO auditrail_server_handed_over VALUES (?, ?)", subject, id);
  };
  return {
    find,

    /** Uses a nonce up: true the first time. It is kept, on disk, for as long as its link could be good. */
    use(nonce: string, expiresAtMicros: number): boolean {
      return file.transaction(() => {
        file.run("DELETE FROM auditrail_server_nonce WHERE expires_at < ?", clock.nowMicros());
        return file.run("INSERT OR IGNORE INTO auditrail_server_nonce VALUES (?, ?)", nonce, expiresAtMicros) === 1;
      });
    },

    /** Makes the person what the application says they are now; somebody new gets the id. */
    arrive(claim: HandOverClaim, newId: string): Person {
      return file.transaction(() => {
        if (find(claim.id) === undefined) create(newId, claim.id);
        update(find(claim.id)!.id, claim);
        return find(claim.id)!;
      });
    },
  };
}
