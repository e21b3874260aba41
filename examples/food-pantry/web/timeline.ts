import { html } from "hono/html";

import { auditPath } from "./audit-desk.ts";
import type { Markup, Site } from "./site.ts";

/** The history of one thing, as the audit server shows it: read-only, and nothing else can be read with its token. */
export async function showTimeline({ pantry, desk }: Site, target: string, heading: string): Promise<Markup> {
  const token = await desk.timelineToken(target);
  return html`<section class="timeline">
    <auditrail-timeline
      target="${target}"
      token="${token}"
      heading="${heading}"
      zone="${pantry.zone}"
      theme="light"
    ></auditrail-timeline>
    <script src="${auditPath}/embed.js" defer></script>
  </section>`;
}
