import { useState, type FormEvent } from "react";

import { ApiError } from "../api/request.ts";
import { useSetUp } from "../api/session.ts";
import { Door } from "./sign-in.tsx";

/** The first person is made by whoever can read the terminal: the link that was printed there brings the token along. */
export function SetUpPage() {
  const [given] = useState(tokenOfLink);
  const [token, setToken] = useState(given);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [reveals, setReveals] = useState(true);
  const setUp = useSetUp();
  function submit(event: FormEvent): void {
    event.preventDefault();
    const roles = reveals ? (["administrator", "auditor"] as const) : (["administrator"] as const);
    // The token is good once: it has no business in the address afterwards.
    setUp.mutate(
      { token, name, password, roles },
      { onSuccess: () => history.replaceState(null, "", `${location.pathname}#/`) },
    );
  }
  return (
    <Door title="Set up" says="You are the first here. Make yourself the administrator; others are added later.">
      <form onSubmit={submit} className="form">
        {given === "" && (
          <label className="field">
            Token
            <input value={token} onChange={({ target }) => setToken(target.value)} required spellCheck={false} />
            <small className="muted">From the link that the server printed on its terminal.</small>
          </label>
        )}
        <label className="field">
          Name
          <input
            value={name}
            onChange={({ target }) => setName(target.value)}
            autoComplete="username"
            autoFocus
            required
          />
        </label>
        <label className="field">
          Password
          <input
            type="password"
            minLength={12}
            value={password}
            onChange={({ target }) => setPassword(target.value)}
            autoComplete="new-password"
            required
          />
          <small className="muted">At least 12 characters.</small>
        </label>
        <label className="check">
          <input type="checkbox" checked={reveals} onChange={({ target }) => setReveals(target.checked)} />
          <span>Also an auditor: reads restricted logs and personal data</span>
        </label>
        {setUp.error !== null && (
          <p className="problem" role="alert">
            {refusal(setUp.error)}
          </p>
        )}
        <button type="submit" className="button button-main" disabled={setUp.isPending}>
          Set up
        </button>
      </form>
    </Door>
  );
}

/** The link is `…/#set-up=TOKEN`: what stands behind the `#` is never sent. */
function tokenOfLink(): string {
  return decodeURIComponent(/^#set-up=(.+)$/.exec(location.hash)?.[1] ?? "");
}

function refusal(error: Error): string {
  const isWorn = error instanceof ApiError && error.code === "SET_UP_INVALID";
  return isWorn ? "This link is not good any more. Start the server again: it prints a new one." : error.message;
}
