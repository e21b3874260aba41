import type { JsonObject } from "../../base/canonical-json.ts";
import { AuditError, quote } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { AccountsFile, Row } from "./accounts-file.ts";

export interface NewSearch {
  readonly name: string;
  readonly query: string;
  readonly view?: Readonly<Record<string, unknown>> | undefined;
}

export interface SavedSearch extends NewSearch {
  readonly id: string;
  readonly createdAtMicros: number;
}

export type Searches = ReturnType<typeof createSearches>;

/** Enough for anybody, and no way to fill the disk. */
const mostForOne = 200;

/** Saved searches, each of one person and seen by them alone. */
export function createSearches(file: AccountsFile, clock: Clock, ids: () => string) {
  const read = (person: string, id: string): SavedSearch => {
    const row = file.get("SELECT * FROM auditrail_server_search WHERE id = ? AND person = ?", id, person);
    if (row === undefined) throw notFound(id);
    return toSearch(row);
  };
  return {
    list: (person: string): readonly SavedSearch[] =>
      file.all("SELECT * FROM auditrail_server_search WHERE person = ? ORDER BY name, id", person).map(toSearch),

    /** Errors: `REQUEST_INVALID` where the person has very many already. */
    create(person: string, { name, query, view }: NewSearch): SavedSearch {
      const count = file.get("SELECT count(*) AS count FROM auditrail_server_search WHERE person = ?", person)![
        "count"
      ];
      if (Number(count) >= mostForOne) {
        throw new AuditError("REQUEST_INVALID", `Cannot save another search: ${mostForOne} are kept. Drop one first.`);
      }
      const id = ids();
      file.run(
        "INSERT INTO auditrail_server_search VALUES (?, ?, ?, ?, ?, ?)",
        ...([id, person, name, query, view === undefined ? null : JSON.stringify(view), clock.nowMicros()] as const),
      );
      return read(person, id);
    },

    /** Errors: `SEARCH_NOT_FOUND`. */
    change(person: string, id: string, { name, query, view }: NewSearch): SavedSearch {
      const sql = "UPDATE auditrail_server_search SET name = ?, query = ?, view = ? WHERE id = ? AND person = ?";
      file.run(sql, name, query, view === undefined ? null : JSON.stringify(view), id, person);
      return read(person, id);
    },

    /** Errors: `SEARCH_NOT_FOUND`. */
    drop(person: string, id: string): void {
      if (file.run("DELETE FROM auditrail_server_search WHERE id = ? AND person = ?", id, person) === 0)
        throw notFound(id);
    },
  };
}

function notFound(id: string): AuditError {
  return new AuditError("SEARCH_NOT_FOUND", `There is no saved search ${quote(id)} of yours.`);
}

function toSearch(row: Row): SavedSearch {
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    query: row["query"] as string,
    ...(row["view"] === null ? {} : { view: JSON.parse(row["view"] as string) as JsonObject }),
    createdAtMicros: row["created_at"] as number,
  };
}
