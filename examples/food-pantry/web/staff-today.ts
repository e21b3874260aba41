import type { Hono } from "hono";
import { html } from "hono/html";

import { showPage, showTable } from "./layout.ts";
import { reports, reportPath } from "./reports.ts";
import { personAt, type Env, type Site } from "./site.ts";

/** What the logs say, in a moment; each answer leads to the same question in the console. */
export function addStaffToday(app: Hono<Env>, { pantry, desk }: Site): void {
  app.get("/staff", async (c) => {
    const zone = { zone: pantry.zone };
    const answers = await Promise.all(
      reports.map(async (report) => ({
        report,
        rows: await pantry.trail.count(report.query, { ...zone, by: report.by }),
      })),
    );
    const body = answers.map(
      ({ report, rows }) =>
        html`<section class="report">
          <h2><a href="/staff/console?to=${encodeURIComponent(reportPath(report))}">${report.title}</a></h2>
          ${showTable(
            [...report.heads, "Count"],
            rows.map(({ keys, count }) => [...keys.map((key) => String(key ?? "none")), count]),
            "None.",
          )}
        </section>`,
    );
    return showPage(c, "Today", html`<div class="reports">${body}</div>`);
  });

  app.get("/staff/console", (c) => c.redirect(desk.linkFor(personAt(c), c.req.query("to"))));
}
