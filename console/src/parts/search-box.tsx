import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";

import { Icon } from "../kit/icon.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { isProblem, readQuery } from "../state/query-text.ts";
import { QueryChips } from "./query-chips.tsx";
import { applySuggestion, useSuggestions, type Suggestion } from "./suggestions.ts";
import { useZone } from "../state/zone.ts";

interface SearchBoxProps {
  readonly query: string;
  readonly tenant: string | undefined;
  /** What the completion looks at besides the text: the log whose page this is. */
  readonly within: string;
  readonly onSearch: (query: string) => void;
}

/** The query as text and as chips. Enter asks; what cannot be read is underlined where it goes wrong. */
export function SearchBox({ query, tenant, within, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(query);
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const caretToSet = useRef<number>(undefined);
  const ids = { list: useId(), problem: useId() };
  const zone = useZone();
  useEffect(() => setText(query), [query]);
  // Before the next key is heard: a frame later, what was typed meanwhile would stand behind the caret.
  useLayoutEffect(() => {
    const { current: place } = caretToSet;
    if (place !== undefined) input.current?.setSelectionRange(place, place);
    caretToSet.current = undefined;
  });
  const suggestions = useSuggestions({ text, caret, tenant, within }, isOpen);
  const read = readQuery(text, zone);
  // Whoever is still writing the end of it has not made a mistake yet.
  const problem = isProblem(read) && !(isOpen && read.position >= text.length) ? read : undefined;

  function search(next: string): void {
    setOpen(false);
    setChosen(-1);
    if (!isProblem(readQuery(next, zone))) onSearch(next.trim());
  }

  function take(suggestion: Suggestion): void {
    const next = applySuggestion(text, suggestion);
    setText(next.text);
    setCaret(next.caret);
    setChosen(-1);
    setOpen(!suggestion.isComplete);
    caretToSet.current = next.caret;
    if (suggestion.isComplete) search(next.text);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const { key } = event;
    if ((key === "ArrowDown" || key === "ArrowUp") && suggestions.length > 0) {
      event.preventDefault();
      setOpen(true);
      const step = key === "ArrowDown" ? 1 : -1;
      setChosen((before) => Math.max(-1, Math.min(suggestions.length - 1, before + step)));
    } else if (key === "Enter" || (key === "Tab" && isOpen && suggestions.length > 0 && !event.shiftKey)) {
      const suggestion = suggestions[key === "Tab" ? Math.max(0, chosen) : chosen];
      if (isOpen && suggestion !== undefined) {
        event.preventDefault();
        take(suggestion);
      } else search(text);
    } else if (key === "Escape") {
      if (isOpen) event.stopPropagation();
      else input.current?.blur();
      setOpen(false);
    }
  }

  return (
    <div className="search">
      <form
        role="search"
        className={`search-box${problem === undefined ? "" : " has-problem"}`}
        onSubmit={(event) => {
          event.preventDefault();
          search(text);
        }}
      >
        <Icon name="search" />
        <div className="search-field">
          {problem !== undefined && (
            <div className="search-mirror" aria-hidden="true">
              {text.slice(0, problem.position)}
              <mark>{text.slice(problem.position, problem.position + Math.max(1, problem.length)) || " "}</mark>
            </div>
          )}
          <input
            ref={input}
            className="search-input"
            type="text"
            role="combobox"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            placeholder="Search: words, or field:value — actor:user/7 -outcome:success after:today"
            aria-label="Search"
            aria-expanded={isOpen && suggestions.length > 0}
            aria-controls={ids.list}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && chosen >= 0 ? `${ids.list}-${chosen}` : undefined}
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : ids.problem}
            value={text}
            onChange={({ target }) => {
              setText(target.value);
              setCaret(target.selectionStart ?? target.value.length);
              setOpen(true);
              setChosen(-1);
            }}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
            onBlur={() => setTimeout(() => setOpen(false), 120)}
            onKeyDown={onKeyDown}
          />
        </div>
        {text !== "" && (
          <button type="button" className="icon-button" aria-label="Clear the search" onClick={() => search("")}>
            <Icon name="close" />
          </button>
        )}
        <kbd className="search-key" aria-hidden="true">
          /
        </kbd>
      </form>
      <ul
        id={ids.list}
        role="listbox"
        aria-label="Suggestions"
        className="suggestions"
        hidden={!isOpen || suggestions.length === 0}
      >
        {suggestions.map((suggestion, index) => (
          <li
            key={suggestion.insert}
            id={`${ids.list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
          >
            <code>{visibleText(suggestion.label)}</code>
            <span className="muted">{visibleText(suggestion.says)}</span>
          </li>
        ))}
      </ul>
      {problem !== undefined && (
        <p className="search-problem" id={ids.problem} role="alert">
          {visibleText(problem.message)}
        </p>
      )}
      <QueryChips query={query} onChange={search} />
    </div>
  );
}
