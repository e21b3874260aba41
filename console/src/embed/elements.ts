/** Making elements. What events say becomes text nodes and nothing else. */

import type { Outcome } from "../api/types.ts";
import { outcomePaths } from "../kit/outcome-paths.ts";
import { splitVisible, visibleText, type LineBreaks } from "../kit/visible-text.ts";

type Child = Node | string | undefined;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  classes: string,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (classes !== "") made.className = classes;
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Text that somebody else wrote: isolated, cut, and with whatever cannot be seen made visible. */
export function eventText(text: string, atMost = 240, lines: LineBreaks = "escaped"): HTMLElement {
  const isCut = text.length > atMost;
  const shown = element("bdi", "");
  for (const piece of splitVisible(isCut ? text.slice(0, atMost) : text, lines))
    shown.append(piece.isEscape ? element("span", "escape", piece.text) : piece.text);
  if (isCut) {
    shown.append("…");
    shown.title = visibleText(text.slice(0, 2_000));
  }
  return shown;
}

const svg = "http://www.w3.org/2000/svg";

/** The outcome's sign; its word stands beside it. */
export function outcomeIcon(outcome: Outcome): SVGElement {
  const icon = document.createElementNS(svg, "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", outcomePaths[outcome]);
  icon.append(path);
  return icon;
}
