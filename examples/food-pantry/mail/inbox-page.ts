/** What came in, as a page: a list, and each letter in a frame that can do nothing. */

import { readFileSync } from "node:fs";

import { Hono } from "hono";
import { csrf } from "hono/csrf";
import { html } from "hono/html";
import { secureHeaders } from "hono/secure-headers";

import type { Letter, LocalMailOptions } from "./local-mail.ts";

const style = readFileSync(new URL("inbox.css", import.meta.url), "utf8");
const policy = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  frameSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

export function createInboxPage(letters: readonly Letter[], onNotice: LocalMailOptions["onNotice"]): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: policy, strictTransportSecurity: false }));
  app.use(csrf());
  app.get("/inbox.css", (c) => c.body(style, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/", (c) => c.html(showInbox(letters, undefined)));
  app.get("/letters/:id", (c) =>
    c.html(
      showInbox(
        letters,
        letters.find(({ id }) => id === c.req.param("id")),
      ),
    ),
  );
  app.post("/letters/:id/:delivery", async (c) => {
    const letter = letters.find(({ id }) => id === c.req.param("id"));
    if (letter !== undefined) await onNotice?.(letter.messageId, c.req.param("delivery"));
    return c.redirect(`/letters/${c.req.param("id")}`, 303);
  });
  return app;
}

function showInbox(letters: readonly Letter[], open: Letter | undefined) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Inbox of this machine</title>
        <link rel="stylesheet" href="/inbox.css" />
      </head>
      <body>
        <header>
          <h1>Inbox</h1>
          <p>Mail that the pantry sends ends here. Nothing leaves this machine. <a href="/">Look again</a></p>
        </header>
        <div class="both">
          <ol aria-label="Letters">
            ${letters.length === 0 ? html`<li class="none">No mail yet.</li>` : ""}
            ${letters.map(
              (letter) =>
                html`<li ${letter === open ? html`aria-current="true"` : ""}>
                  <a href="/letters/${letter.id}"
                    ><strong>${letter.subject}</strong><span>${letter.to}</span
                    ><time>${letter.at.toISOString().slice(11, 19)}</time></a
                  >
                </li>`,
            )}
          </ol>
          ${open === undefined ? "" : showLetter(open)}
        </div>
      </body>
    </html>`;
}

function showLetter({ id, to, subject, html: markup, text }: Letter) {
  return html`<article>
    <h2>${subject}</h2>
    <p>to ${to}</p>
    <iframe title="The letter" sandbox="" srcdoc="${markup}"></iframe>
    <pre>${text}</pre>
    <form method="post">
      Say what became of it:
      ${["delivered", "bounced", "complained"].map((delivery) => html`<button formaction="/letters/${id}/${delivery}">${delivery}</button> `)}
    </form>
  </article>`;
}
