import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { ApiError, send } from "../api/request.ts";
import { useSession } from "../api/session.ts";
import { Notice } from "../parts/empty-state.tsx";

export function AccountPage() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => send("PUT", "session/password", { current, next }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    change.mutate();
  }
  const { data: session } = useSession();
  if (session?.person?.handedOver === true)
    return (
      <Notice title="No password here">
        <p>An application signs you in, and says what you may do.</p>
      </Notice>
    );
  const isWrong = change.error instanceof ApiError && change.error.code === "SIGN_IN_FAILED";
  return (
    <div className="page page-narrow">
      <header className="page-head">
        <h1>Own password</h1>
      </header>
      <form className="form panel" onSubmit={submit}>
        <label className="field">
          Current password
          <input
            type="password"
            value={current}
            onChange={({ target }) => setCurrent(target.value)}
            autoComplete="current-password"
            required
          />
        </label>
        <label className="field">
          New password
          <input
            type="password"
            minLength={12}
            value={next}
            onChange={({ target }) => setNext(target.value)}
            autoComplete="new-password"
            required
          />
          <small className="muted">At least 12 characters. Your other sessions end.</small>
        </label>
        {change.error !== null && (
          <p className="problem" role="alert">
            {isWrong ? "The current password is wrong." : change.error.message}
          </p>
        )}
        {change.isSuccess && (
          <p className="done" role="status">
            Changed.
          </p>
        )}
        <button type="submit" className="button button-main" disabled={change.isPending}>
          Change it
        </button>
      </form>
    </div>
  );
}
