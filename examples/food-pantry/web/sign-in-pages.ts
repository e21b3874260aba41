import type { Hono } from "hono";
import { html } from "hono/html";

import { askForPassword, choosePassword, signIn, signOut } from "../domain/people.ts";
import { hasRole } from "../rules/roles.ts";
import { readForm } from "./forms.ts";
import { beginSession, endSession, goOn } from "./guards.ts";
import { showField, showForm, showPage } from "./layout.ts";
import { personAt, type Call, type Env, type Site } from "./site.ts";

export function addSignInPages(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/sign-in", (c) => (c.get("person") === undefined ? showSignIn(c) : goOn(c, "/")));

  app.post("/sign-in", async (c) => {
    const form = await readForm(c);
    const signedIn = await signIn(pantry, form.text("login"), form.text("password"));
    if (signedIn === undefined) return showSignIn(c, "Name and password do not belong together.");
    beginSession(c, site, signedIn.token);
    return goOn(
      c,
      signedIn.mustChoose ? "/password" : "/",
      signedIn.mustChoose ? "Choose a password of your own." : undefined,
    );
  });

  app.post("/sign-out", async (c) => {
    const [person, token] = [c.get("person"), c.get("token")];
    if (person !== undefined && token !== undefined) await signOut(pantry, person, token);
    endSession(c);
    return goOn(c, "/sign-in", "You are signed out.");
  });

  app.get("/forgotten", (c) =>
    showPage(
      c,
      "Forgotten password",
      showForm("/forgotten", "Send a new one", showField("Customer number, or name you sign in with", "login")),
    ),
  );

  app.post("/forgotten", async (c) => {
    askForPassword(pantry, (await readForm(c)).text("login"));
    return goOn(c, "/sign-in", "If there is such an account, a new password is on its way to its address.");
  });

  app.get("/password", (c) => {
    if (c.get("person") === undefined) return goOn(c, "/sign-in");
    const field = showField("New password", "password", {
      type: "password",
      hint: "At least 10 characters",
      attributes: html`autocomplete="new-password" minlength="10"`,
    });
    return showPage(c, "Your password", showForm("/password", "Change it", field));
  });

  app.post("/password", async (c) => {
    if (c.get("person") === undefined) return goOn(c, "/sign-in");
    await choosePassword(pantry, personAt(c), (await readForm(c)).text("password"), c.get("token"));
    return goOn(c, hasRole(personAt(c).role, "staff") ? "/staff" : "/", "Your password is changed.");
  });
}

function showSignIn(c: Call, problem?: string) {
  const body = html`${problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`}
    ${showForm(
      "/sign-in",
      "Sign in",
      html`${showField("Customer number or name", "login", { attributes: html`autocomplete="username" autofocus` })}
      ${showField("Password", "password", { type: "password", attributes: html`autocomplete="current-password"` })}`,
    )}
    <p><a href="/forgotten">Forgotten your password?</a></p>`;
  return showPage(c, "Sign in", body, problem === undefined ? 200 : 422);
}
