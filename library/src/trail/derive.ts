/** What stores find an entry by, beside its text: always derivable from the text and the sealed parts again. */

import { deriveColumns, type DerivedColumns } from "../event/derived-columns.ts";
import type { AuditEvent } from "../event/event.ts";
import { searchText } from "../query/search-text.ts";

export interface Derived extends DerivedColumns {
  /** `query/search-text.ts`. */
  readonly words: string;
}

/** Of an event with its personal data. Errors: `VALUE_INVALID` where its time is none. */
export function derive(event: AuditEvent): Derived {
  return { ...deriveColumns(event), words: searchText(event) };
}
