/** `embed.js`: defines `<auditrail-timeline>`, and fills the page for frames (embed.html). Loaded twice, it does nothing more. */

import { TimelineElement } from "./timeline-element.ts";

const name = "auditrail-timeline";

if (customElements.get(name) === undefined) customElements.define(name, TimelineElement);

/** What a frame shows stands behind the `#` of its address, which reaches no server's log: `#token=…&theme=dark`. */
function fillFrame(place: Element): void {
  const made = document.createElement(name);
  const given = new URLSearchParams(location.hash.slice(1));
  for (const attribute of ["token", "target", "actor", "operation", "direction", "heading", "zone", "theme", "links"])
    if (given.has(attribute)) made.setAttribute(attribute, given.get(attribute)!);
  document.documentElement.dataset["theme"] = given.get("theme") ?? "system";
  place.replaceChildren(made);
}

const frame = document.querySelector("[data-auditrail-frame]");
if (frame !== null) {
  fillFrame(frame);
  addEventListener("hashchange", () => fillFrame(frame));
}
