import { formatInstant } from "../../base/time.ts";
import type { SavedSearch } from "../accounts/searches.ts";
import type { Handlers } from "../call.ts";
import { ownSession } from "./session-handlers.ts";

export const searchHandlers: Handlers<"listSearches" | "createSearch" | "changeSearch" | "dropSearch"> = {
  listSearches: (call) => ({
    searches: call.services.accounts.searches.list(ownSession(call).person.id).map(showSearch),
  }),
  createSearch: (call) => showSearch(call.services.accounts.searches.create(ownSession(call).person.id, call.body)),
  changeSearch: (call) =>
    showSearch(
      call.services.accounts.searches.change(ownSession(call).person.id, call.parameters["search"]!, call.body),
    ),
  dropSearch(call) {
    call.services.accounts.searches.drop(ownSession(call).person.id, call.parameters["search"]!);
    return undefined;
  },
};

function showSearch({ createdAtMicros, view, ...search }: SavedSearch) {
  return {
    ...search,
    ...(view === undefined ? {} : { view: view as Record<string, string> }),
    createdAt: formatInstant(createdAtMicros),
  };
}
