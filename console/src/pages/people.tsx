import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { get, send } from "../api/request.ts";
import { useSession } from "../api/session.ts";
import type { Person, Role } from "../api/types.ts";
import { Dialog } from "../kit/dialog.tsx";
import { EventText } from "../kit/event-text.tsx";
import { Time } from "../kit/time.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { Failed } from "../parts/empty-state.tsx";

export const roleWords: Readonly<Record<Role, string>> = {
  viewer: "Reads the logs of all staff; personal data is masked",
  staff: "Reads the logs of all staff, with personal data; no restricted logs",
  auditor: "Reads all logs, with personal data",
  administrator: "Manages people and keys",
};
const roles = Object.keys(roleWords) as readonly Role[];

export function PeoplePage() {
  const [edited, setEdited] = useState<Person | "new" | undefined>();
  const { data: session } = useSession();
  const { data, error } = useQuery({
    queryKey: ["people"],
    queryFn: () => get<{ people: readonly Person[] }>("people"),
  });
  return (
    <div className="page page-narrow">
      <header className="page-head">
        <h1>People</h1>
        <button type="button" className="button button-main" onClick={() => setEdited("new")}>
          Add a person
        </button>
      </header>
      {error !== null && <Failed error={error} />}
      <div className="report-scroll">
        <table className="report plain">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Roles</th>
              <th scope="col">Last signed in</th>
              <th scope="col">
                <span className="visually-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data?.people.map((person) => (
              <tr key={person.id} className={person.disabled ? "is-off" : ""}>
                <th scope="row">
                  <EventText text={person.name} atMost={80} />
                  {person.id === session?.person?.id && <span className="muted small"> you</span>}
                  {person.handedOver && <span className="tag">by hand-over</span>}
                  {person.disabled && <span className="tag">disabled</span>}
                </th>
                <td>{person.roles.join(", ")}</td>
                <td>
                  {person.lastSignInAt === null ? (
                    <span className="muted">never</span>
                  ) : (
                    <Time at={person.lastSignInAt} />
                  )}
                </td>
                <td className="number">
                  <button
                    type="button"
                    className="link-button"
                    aria-label={`Change ${visibleText(person.name)}`}
                    onClick={() => setEdited(person)}
                  >
                    Change
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {edited !== undefined && (
        <PersonDialog
          person={edited === "new" ? undefined : edited}
          isSelf={edited !== "new" && edited.id === session?.person?.id}
          onClose={() => setEdited(undefined)}
        />
      )}
    </div>
  );
}

interface PersonDialogProps {
  /** Absent for somebody new. */
  readonly person: Person | undefined;
  readonly isSelf: boolean;
  readonly onClose: () => void;
}

function PersonDialog({ person, isSelf, onClose }: PersonDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<readonly Role[]>(person?.roles ?? ["viewer"]);
  const [isDisabled, setDisabled] = useState(person?.disabled ?? false);
  const save = useMutation({
    mutationFn: () => {
      if (person === undefined) return send("POST", "people", { name, password, roles: chosen });
      const own = isSelf ? {} : person.handedOver ? { disabled: isDisabled } : { roles: chosen, disabled: isDisabled };
      return send("PATCH", `people/${encodeURIComponent(person.id)}`, {
        ...own,
        ...(password === "" ? {} : { password }),
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["people"] });
      onClose();
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  const isHandedOver = person?.handedOver === true;
  const toggle = (role: Role) =>
    setChosen(chosen.includes(role) ? chosen.filter((one) => one !== role) : [...chosen, role]);
  return (
    <Dialog title={person === undefined ? "Add a person" : visibleText(person.name)} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {person === undefined && (
          <label className="field">
            Name or e-mail address
            <input value={name} onChange={({ target }) => setName(target.value)} autoComplete="off" required />
          </label>
        )}
        {isHandedOver ? (
          <p className="hint">An application signs them in, and says what they may do whenever it does.</p>
        ) : (
          <label className="field">
            {person === undefined ? "Password" : "New password (ends all sessions)"}
            <input
              type="password"
              minLength={12}
              value={password}
              required={person === undefined}
              onChange={({ target }) => setPassword(target.value)}
              autoComplete="new-password"
            />
            <small className="muted">At least 12 characters. They can change it themselves.</small>
          </label>
        )}
        <fieldset className="checks" disabled={isSelf || isHandedOver}>
          <legend>Roles</legend>
          {roles.map((role) => (
            <label key={role} className="check">
              <input type="checkbox" checked={chosen.includes(role)} onChange={() => toggle(role)} />
              <span>
                {role}
                <small className="muted">{roleWords[role]}</small>
              </span>
            </label>
          ))}
        </fieldset>
        {isSelf && <p className="hint">Nobody changes their own roles.</p>}
        {person !== undefined && !isSelf && (
          <label className="check">
            <input type="checkbox" checked={isDisabled} onChange={({ target }) => setDisabled(target.checked)} />
            <span>Disabled: cannot sign in</span>
          </label>
        )}
        {save.error !== null && (
          <p className="problem" role="alert">
            {save.error.message}
          </p>
        )}
        <button type="submit" className="button button-main" disabled={save.isPending || chosen.length === 0}>
          {person === undefined ? "Add" : "Save"}
        </button>
      </form>
    </Dialog>
  );
}
