import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { get, send } from "../api/request.ts";
import type { ApiKey } from "../api/types.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { EventText } from "../kit/event-text.tsx";
import { Time } from "../kit/time.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { Failed } from "../parts/empty-state.tsx";

const scopeWords: Readonly<Record<string, string>> = {
  "entries:read": "Reads what a viewer reads",
  "entries:reveal": "Reads all logs, with personal data",
  "entries:export": "Exports",
  "events:write": "Records events",
  "metrics:read": "Reads metrics",
};

export function KeysPage() {
  const client = useQueryClient();
  const [isNew, setNew] = useState(false);
  const { data, error } = useQuery({ queryKey: ["keys"], queryFn: () => get<{ keys: readonly ApiKey[] }>("keys") });
  const revoke = useMutation({
    mutationFn: (id: string) => send("DELETE", `keys/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  return (
    <div className="page page-narrow">
      <header className="page-head">
        <h1>API keys</h1>
        <button type="button" className="button button-main" onClick={() => setNew(true)}>
          Make a key
        </button>
      </header>
      {error !== null && <Failed error={error} />}
      {data?.keys.length === 0 && <p className="hint">No keys yet. Programs that read or record over HTTP need one.</p>}
      {data !== undefined && data.keys.length > 0 && (
        <div className="report-scroll">
          <table className="report plain">
            <thead>
              <tr>
                <th scope="col">Label</th>
                <th scope="col">Scopes</th>
                <th scope="col">Made</th>
                <th scope="col">Last used</th>
                <th scope="col">
                  <span className="visually-hidden">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.keys.map((key) => (
                <tr key={key.id} className={key.revokedAt === null ? "" : "is-off"}>
                  <th scope="row">
                    <EventText text={key.label} atMost={80} />
                  </th>
                  <td>{key.scopes.join(", ")}</td>
                  <td>
                    <Time at={key.createdAt} />
                  </td>
                  <td>
                    {key.lastUsedAt === null ? <span className="muted">never</span> : <Time at={key.lastUsedAt} />}
                  </td>
                  <td className="number">
                    {key.revokedAt !== null ? (
                      <span className="tag">revoked</span>
                    ) : (
                      <button
                        type="button"
                        className="link-button danger"
                        aria-label={`Revoke ${visibleText(key.label)}`}
                        onClick={() =>
                          confirm(`Revoke ${visibleText(key.label)}? Programs that use it stop working.`) &&
                          revoke.mutate(key.id)
                        }
                      >
                        Revoke
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isNew && <KeyDialog onClose={() => setNew(false)} />}
    </div>
  );
}

function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["entries:read"]);
  const [days, setDays] = useState("");
  const make = useMutation({
    mutationFn: () =>
      send<{ secret: string }>("POST", "keys", {
        label,
        scopes,
        ...(days === "" ? {} : { expiresInDays: Number(days) }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (make.data !== undefined) {
    return (
      <Dialog title="Keep this secret now" onClose={onClose}>
        <p>It is shown this once; only its hash is kept.</p>
        <pre className="raw secret">{make.data.secret}</pre>
        <div className="buttons">
          <CopyButton label="Copy" text={make.data.secret} />
          <button type="button" className="button button-main" onClick={onClose}>
            I have kept it
          </button>
        </div>
      </Dialog>
    );
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    make.mutate();
  }
  const toggle = (scope: string) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          What it is for
          <input value={label} onChange={({ target }) => setLabel(target.value)} required maxLength={100} />
        </label>
        <fieldset className="checks">
          <legend>Scopes</legend>
          {Object.entries(scopeWords).map(([scope, says]) => (
            <label key={scope} className="check">
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
              <span>
                {scope}
                <small className="muted">{says}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          Good for how many days
          <input
            type="number"
            min={1}
            max={3660}
            placeholder="for ever"
            value={days}
            onChange={({ target }) => setDays(target.value)}
          />
        </label>
        {make.error !== null && (
          <p className="problem" role="alert">
            {make.error.message}
          </p>
        )}
        <button type="submit" className="button button-main" disabled={make.isPending || scopes.length === 0}>
          Make it
        </button>
      </form>
    </Dialog>
  );
}
