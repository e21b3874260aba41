/** One page that links everything that runs. */

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";

import { serve, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { html } from "hono/html";
import { secureHeaders } from "hono/secure-headers";

export interface Place {
  readonly title: string;
  readonly says: string;
  readonly url: string;
  /** Gives a link that signs whoever clicks in, once, instead of the address alone. */
  readonly open?: () => string;
  /** Who may sign in there. */
  readonly people?: readonly { readonly login: string; readonly password: string; readonly is: string }[];
}

export interface FrontPage {
  readonly url: string;
  close(): Promise<void>;
}

const style = readFileSync(new URL("front-page.css", import.meta.url), "utf8");

export async function serveFrontPage(places: readonly Place[], port: number): Promise<FrontPage> {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'self'"] },
      strictTransportSecurity: false,
    }),
  );
  app.get("/front-page.css", (c) => c.body(style, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/open/:place", (c) => {
    const place = places[Number(c.req.param("place"))];
    return place === undefined ? c.notFound() : c.redirect(place.open?.() ?? place.url);
  });
  app.get("/", (c) => c.html(showPlaces(places)));
  const server = await listen(app, port).catch(() => listen(app, 0));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function listen(app: Hono, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve(server));
    server.once("error", reject);
  });
}

function showPlaces(places: readonly Place[]) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Auditrail at work</title>
        <link rel="stylesheet" href="/front-page.css" />
      </head>
      <body>
        <main>
          <h1>Auditrail at work</h1>
          <p class="lead">
            Do something in an application, then look at what was recorded. Everything here runs on this machine, and
            ends with Ctrl‑C.
          </p>
          <div class="places">${places.map(showPlace)}</div>
        </main>
      </body>
    </html>`;
}

function showPlace({ title, says, url, people = [] }: Place, index: number) {
  return html`<section>
    <h2><a href="/open/${index}">${title}</a></h2>
    <p>${says}</p>
    <p class="url">${url}</p>
    ${
      people.length === 0
        ? ""
        : html`<table>
            <thead>
              <tr>
                <th scope="col">Sign in as</th>
                <th scope="col">Password</th>
                <th scope="col">Who that is</th>
              </tr>
            </thead>
            <tbody>
              ${people.map(
                ({ login, password, is }) =>
                  html`<tr>
                    <td><code>${login}</code></td>
                    <td><code>${password}</code></td>
                    <td>${is}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
  </section>`;
}
