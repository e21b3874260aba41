/** `<auditrail-timeline>`: the history of one thing, inside the page that shows the thing itself. */

import type { Entry } from "../api/types.ts";
import { element, eventText } from "./elements.ts";
import {
  readTimeline,
  readToken,
  TimelineFailure,
  type EmbeddedPage,
  type Failure,
  type TimelineAsking,
} from "./read-timeline.ts";
import { showDays } from "./show-entries.ts";
import { styleSheet } from "./style.ts";

const problems: Readonly<Record<Failure, string>> = {
  expired: "This view is good for a short time only, which is over. Load the page again.",
  refused: "This history cannot be shown here: the permission is for another one, or is not valid.",
  unreachable: "The audit trail does not answer right now.",
  unusable: "This history cannot be shown: the page asks for it in a way that the audit trail does not know.",
};

const titles = { actor: "All by", target: "History of", operation: "Operation" } as const;

/** Where this script came from is where the audit server is, unless the element says otherwise. */
const home = (document.currentScript as HTMLScriptElement | null)?.src;

export class TimelineElement extends HTMLElement {
  static readonly observedAttributes = ["token", "token-url", "server", "target", "actor", "operation", "direction"];

  #reading = new AbortController();
  #entries: readonly Entry[] = [];
  #isDue = false;
  readonly #root = this.attachShadow({ mode: "open" });

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [styleSheet()];
    this.#plan();
  }

  disconnectedCallback(): void {
    this.#reading.abort();
  }

  attributeChangedCallback(): void {
    this.#plan();
  }

  /** Reads the timeline anew: after something was done on the page. */
  refresh(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#entries = [];
    void this.#show(undefined, this.#reading.signal);
  }

  /** Several attributes that change together are one reading. */
  #plan(): void {
    if (this.#isDue || !this.isConnected) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isConnected) this.refresh();
    });
  }

  async #show(cursor: string | undefined, signal: AbortSignal): Promise<void> {
    if (cursor === undefined) this.#put(state("Reading…"));
    try {
      const page = await this.#read(cursor, signal);
      if (signal.aborted) return;
      this.#entries = [...this.#entries, ...page.entries];
      this.#put(...this.#list(page, signal));
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof TimelineFailure ? error.failure : "unusable";
      this.#put(this.#problem(failure));
      this.dispatchEvent(new CustomEvent("auditrail-failed", { detail: { failure }, bubbles: true, composed: true }));
    }
  }

  /** A token that has run out is asked for once more, where the page says whom to ask. */
  async #read(cursor: string | undefined, signal: AbortSignal): Promise<EmbeddedPage> {
    const tokenUrl = this.getAttribute("token-url");
    const given = this.getAttribute("token");
    const asking = this.#asking(cursor);
    const read = async (token: string) => readTimeline({ ...asking, token }, signal);
    if (given === null) {
      if (tokenUrl === null) throw new TimelineFailure("unusable");
      return read(await readToken(tokenUrl, signal));
    }
    try {
      return await read(given);
    } catch (error) {
      const mayRenew = tokenUrl !== null && error instanceof TimelineFailure && error.failure === "expired";
      if (!mayRenew) throw error;
      return read(await readToken(tokenUrl, signal));
    }
  }

  #asking(cursor: string | undefined): Omit<TimelineAsking, "token"> {
    const names = ["target", "actor", "operation"] as const;
    const expected = Object.fromEntries(
      names.flatMap((name) => (this.hasAttribute(name) ? [[name, this.getAttribute(name)!]] : [])),
    );
    const direction = this.getAttribute("direction") === "oldest" ? "oldest" : "newest";
    return { server: this.#server(), expected, direction, cursor };
  }

  #server(): URL {
    const named = this.getAttribute("server");
    if (named !== null && URL.canParse(named, document.baseURI))
      return new URL(named.endsWith("/") ? named : `${named}/`, document.baseURI);
    if (home === undefined) throw new TimelineFailure("unusable");
    return new URL("./", home);
  }

  #list({ of, reference, next }: EmbeddedPage, signal: AbortSignal): readonly HTMLElement[] {
    const title = element("h2", "", `${titles[of]} `, eventText(reference, 120));
    const heading = this.getAttribute("heading");
    if (heading !== null) title.replaceChildren(heading);
    const head = heading === "" ? [] : [title];
    if (this.#entries.length === 0) return [...head, state("Nothing has been recorded of this yet.")];
    const server = this.#server();
    const linkOf = ({ event }: Entry): string => new URL(`#/entry/${encodeURIComponent(event.id)}`, server).href;
    const zone = this.getAttribute("zone") ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const days = showDays(this.#entries, { zone, linkOf: this.hasAttribute("links") ? linkOf : undefined });
    return [...head, ...days, ...(next === null ? [] : [this.#more(next, signal)])];
  }

  #more(next: string, signal: AbortSignal): HTMLElement {
    const button = element("button", "", "Show more");
    button.type = "button";
    button.addEventListener("click", () => {
      button.disabled = true;
      void this.#show(next, signal);
    });
    return button;
  }

  #problem(failure: Failure): HTMLElement {
    const shown = state(problems[failure]);
    shown.classList.add("is-problem");
    const mayHelp = failure === "unreachable" || (failure === "expired" && this.hasAttribute("token-url"));
    if (!mayHelp) return shown;
    const again = element("button", "", "Try again");
    again.type = "button";
    again.addEventListener("click", () => this.refresh());
    shown.append(again);
    return shown;
  }

  #put(...children: readonly HTMLElement[]): void {
    this.#root.replaceChildren(...children);
  }
}

function state(text: string): HTMLElement {
  const shown = element("div", "state", text);
  shown.setAttribute("role", "status");
  return shown;
}
