/** Who may come in, and what is said to those who may not. */

import { getCookie, setCookie, deleteCookie } from "hono/cookie";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import type { MiddlewareHandler } from "hono";

import { Refusal } from "../domain/pantry.ts";
import { personOf } from "../domain/people.ts";
import { hasRole, type Role } from "../rules/roles.ts";
import { showPage } from "./layout.ts";
import type { Call, Env, Site } from "./site.ts";

const sessionCookie = "pantry";
const saidCookie = "pantry-said";

/** Finds out who is signed in, for all that comes after. */
export function recognise({ pantry }: Site): MiddlewareHandler<Env> {
  return async (c, next) => {
    const token = getCookie(c, sessionCookie);
    c.set("token", token);
    c.set("person", token === undefined ? undefined : personOf(pantry, token));
    const said = getCookie(c, saidCookie);
    if (said !== undefined && c.req.method === "GET") deleteCookie(c, saidCookie);
    c.set("said", said);
    await next();
  };
}

/** Staff see no participant's pages, and participants none of staff. */
export function requireRole(role: Role): MiddlewareHandler<Env> {
  return async (c, next) => {
    const person = c.get("person");
    if (person === undefined) return c.req.method === "GET" ? c.redirect("/sign-in") : refuse(c, "Sign in first.");
    const mayCome = role === "participant" ? person.role === "participant" : hasRole(person.role, role);
    if (!mayCome) return refuse(c, `This page is for ${role === "staff" ? "staff" : `${role}s`}.`);
    return next();
  };
}

function refuse(c: Call, message: string) {
  return showPage(c, "Not for you", html`<p>${message}</p>`, 403);
}

/** A mistake of the person's is told in its words; a fault of ours is not. */
export function showFailure(error: Error, c: Call) {
  if (error instanceof HTTPException) return error.getResponse();
  if (!(error instanceof Refusal))
    return showPage(c, "Something went wrong", html`<p>It is our fault, and we were told.</p>`, 500);
  const from = c.req.header("referer");
  return showPage(
    c,
    "That did not work",
    html`<p class="problem" role="alert">${error.message}</p>
      ${from === undefined ? "" : html`<p><a href="${from}">Go back</a></p>`}`,
    422,
  );
}

export function beginSession(c: Call, { secureCookies }: Site, token: string): void {
  setCookie(c, sessionCookie, token, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure: secureCookies,
    maxAge: 43_200,
  });
}

export function endSession(c: Call): void {
  deleteCookie(c, sessionCookie);
}

/** After something was done: on to a page that says so. */
export function goOn(c: Call, path: string, said?: string) {
  if (said !== undefined) setCookie(c, saidCookie, said, { httpOnly: true, sameSite: "Lax", path: "/", maxAge: 30 });
  return c.redirect(path, 303);
}
