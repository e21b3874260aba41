import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { useSearches } from "../api/reading.ts";
import { send } from "../api/request.ts";
import type { SavedSearch } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { Icon } from "../kit/icon.tsx";
import { Menu } from "../kit/menu.tsx";
import { visibleText } from "../kit/visible-text.ts";

interface SaveSearchProps {
  readonly query: string;
  /** Where they are not the usual ones. */
  readonly columns: readonly string[] | undefined;
}

/** Keeps the query and its columns under a name, for the person who is signed in. */
export function SaveSearch({ query, columns }: SaveSearchProps) {
  const client = useQueryClient();
  const { data } = useSearches();
  const [name, setName] = useState("");
  const onSuccess = () => client.invalidateQueries({ queryKey: ["searches"] });
  const save = useMutation({
    mutationFn: (body: { name: string; query: string; view?: SavedSearch["view"] }) => send("POST", "searches", body),
    onSuccess,
  });
  const drop = useMutation({
    mutationFn: (id: string) => send("DELETE", `searches/${encodeURIComponent(id)}`),
    onSuccess,
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate({ name: name.trim(), query, ...(columns === undefined ? {} : { view: { columns } }) });
    setName("");
  }
  return (
    <Menu
      align="right"
      title="Saved searches"
      label={
        <>
          <Icon name="star" />
          <span className="visually-hidden">Saved searches</span>
        </>
      }
    >
      {() => (
        <>
          <form className="own-column" onSubmit={submit}>
            <input
              aria-label="Name of the search"
              placeholder="Name this search"
              value={name}
              required
              maxLength={100}
              onChange={({ target }) => setName(target.value)}
            />
            <button type="submit" className="button">
              Save
            </button>
          </form>
          {save.error !== null && <p className="problem">{save.error.message}</p>}
          {data?.searches.map((search) => (
            <p key={search.id} className="saved-search">
              <EventText text={search.name} atMost={40} cuts />
              <button
                type="button"
                className="icon-button"
                aria-label={`Forget ${visibleText(search.name)}`}
                onClick={() => drop.mutate(search.id)}
              >
                <Icon name="close" />
              </button>
            </p>
          ))}
        </>
      )}
    </Menu>
  );
}
