import { useState, type FormEvent, type ReactNode } from "react";

import { ApiError } from "../api/request.ts";
import { useSignIn } from "../api/session.ts";
import { Icon } from "../kit/icon.tsx";

export function SignInPage() {
  const signIn = useSignIn();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  function submit(event: FormEvent): void {
    event.preventDefault();
    signIn.mutate({ name, password });
  }
  return (
    <Door title="Sign in" says="What happened, who did it, and what was there before.">
      <form onSubmit={submit} className="form">
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
            value={password}
            onChange={({ target }) => setPassword(target.value)}
            autoComplete="current-password"
            required
          />
        </label>
        {signIn.error !== null && (
          <p className="problem" role="alert">
            {refusal(signIn.error)}
          </p>
        )}
        <button type="submit" className="button button-main" disabled={signIn.isPending}>
          {signIn.isPending ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </Door>
  );
}

function refusal(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.code === "SIGN_IN_FAILED") return "The name or the password is wrong.";
  if (error.code === "SIGN_IN_DELAYED") {
    const wait = error.retryAfterSeconds;
    return `Too many tries. Wait ${wait === undefined ? "a little" : `${wait} seconds`}, then try again.`;
  }
  if (error.code === "NOT_REACHABLE") return "The server is not reachable.";
  return error.message;
}

interface DoorProps {
  readonly title: string;
  readonly says: string;
  readonly children: ReactNode;
}

/** The frame of the pages before the console. */
export function Door({ title, says, children }: DoorProps) {
  return (
    <main className="door">
      <div className="door-card">
        <p className="brand">
          <span className="brand-mark" aria-hidden="true">
            <Icon name="shield" />
          </span>
          Auditrail
        </p>
        <h1>{title}</h1>
        <p className="muted">{says}</p>
        {children}
      </div>
    </main>
  );
}
