/**
 * Where the reader is. All of it stands behind the `#`: the console then works under every prefix without the server knowing its
 * pages, and queries, which may name people, reach no access log and no `Referer`.
 */

import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { BaseLocationHook } from "wouter";

/** Told when the address changes. */
export function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

const readHash = (): string => (location.hash.length > 1 ? location.hash.slice(1) : "/");

/** Told at once: setting `location.hash` would tell a moment later, and undo what was typed in between. */
export function goTo(to: string, { replace = false } = {}): void {
  const address = `${location.pathname}${location.search}#${to}`;
  if (replace) history.replaceState(history.state, "", address);
  else history.pushState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** The path behind the `#`, for wouter. */
export const useHashPath = Object.assign(
  (): [string, (to: string, options?: { replace?: boolean }) => void] => [
    useSyncExternalStore(subscribe, () => readHash().split("?")[0]!),
    goTo,
  ],
  { hrefs: (to: string) => `#${to}` },
) satisfies BaseLocationHook;

/** The parameters behind the path, and a way to change some of them: `undefined` takes one out. */
export function useParameters(): readonly [URLSearchParams, ChangeParameters] {
  const text = useSyncExternalStore(subscribe, () => readHash().split("?").slice(1).join("?"));
  const parameters = useMemo(() => new URLSearchParams(text), [text]);
  const change = useCallback<ChangeParameters>((changes, options) => {
    const [path, ...rest] = readHash().split("?");
    const next = new URLSearchParams(rest.join("?"));
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") next.delete(name);
      else next.set(name, value);
    }
    goTo(hrefOf(path!, next), options);
  }, []);
  return [parameters, change];
}

export type ChangeParameters = (
  changes: Readonly<Record<string, string | undefined>>,
  options?: { replace?: boolean },
) => void;

function hrefOf(path: string, parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** An address inside the console: `linkTo("/", { q: "log:email" })`. */
export function linkTo(path: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "",
  );
  return hrefOf(path, new URLSearchParams(given));
}

/** The same as a whole address, to give to others. */
export function fullAddress(to: string): string {
  return new URL(`#${to}`, document.baseURI).href;
}
