import { useEffect, useState } from "react";

import { useProof } from "../api/reading.ts";
import type { Entry } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { Icon } from "../kit/icon.tsx";
import { Time } from "../kit/time.tsx";
import type { ProofStep } from "../state/verify-entry.ts";

const keptKey = "auditrail.verifier-key";
const icons = { holds: "success", fails: "failure", open: "unknown" } as const;

interface ProofPanelProps {
  readonly entry: Entry;
  readonly tenant: string | undefined;
}

/** Position, leaf and proof, checked here and now rather than believed. */
export function ProofPanel({ entry, tenant }: ProofPanelProps) {
  const [isAsked, setAsked] = useState(false);
  const [trustedKey, setTrustedKey] = useState(() => localStorage.getItem(keptKey) ?? "");
  const [steps, setSteps] = useState<readonly ProofStep[] | undefined>();
  const [witnesses, setWitnesses] = useState<readonly string[]>([]);
  const { data: proof, error } = useProof(tenant, entry.event.id, isAsked);
  useEffect(() => setAsked(false), [entry.event.id]);
  useEffect(() => {
    setSteps(undefined);
    if (proof === undefined || !isAsked) return;
    let isCurrent = true;
    void (async () => {
      const { listWitnesses, verifyProof } = await import("../state/verify-entry.ts");
      const found = await verifyProof(entry, proof, trustedKey);
      if (!isCurrent) return;
      setSteps(found);
      setWitnesses(proof.checkpoint === null ? [] : listWitnesses(proof.checkpoint.note));
    })();
    return () => {
      isCurrent = false;
    };
  }, [entry, proof, trustedKey, isAsked]);
  const verdict = steps === undefined ? undefined : verdictOf(steps);
  return (
    <section className="section proof" aria-labelledby="proof-title">
      <header className="section-head">
        <h3 id="proof-title">Proof</h3>
        {!isAsked && (
          <button type="button" className="button" onClick={() => setAsked(true)}>
            <Icon name="shield" />
            Verify in this browser
          </button>
        )}
      </header>
      <dl className="facts">
        <div>
          <dt>Position</dt>
          <dd>{entry.seq.toLocaleString("en")}</dd>
        </div>
        <div>
          <dt>Leaf hash</dt>
          <dd>
            <code className="hash">{entry.hash}</code>
          </dd>
        </div>
      </dl>
      {error !== null && <p className="problem">The server gives no proof: {error.message}</p>}
      {verdict !== undefined && (
        <p className={`verdict verdict-${verdict.result}`} role="status">
          <Icon name={icons[verdict.result]} />
          {verdict.says}
        </p>
      )}
      {steps !== undefined && (
        <ol className="steps">
          {steps.map(({ says, detail, result }) => (
            <li key={says} className={`step-${result}`}>
              <Icon name={icons[result]} />
              <span>
                {says}
                <span className="visually-hidden">: {result}</span>
                <small className="muted">
                  <EventText text={detail} atMost={200} />
                </small>
              </span>
            </li>
          ))}
        </ol>
      )}
      {proof !== undefined && proof.checkpoint !== null && (
        <>
          <p className="hint">
            Checkpoint {proof.checkpoint.number}, signed <Time at={proof.checkpoint.createdAt} as="both" />
            {proof.checkpoint.timestamped ? ", time-stamped by an authority" : ""}
          </p>
          <p className="hint">
            {witnesses.length === 0 ? "No witness has cosigned it." : "Cosigned by "}
            <EventText text={witnesses.join("; ")} atMost={400} />
          </p>
          <label className="field">
            Verifier key that you trust
            <input
              value={trustedKey}
              placeholder="audit.example.com+1a2b3c4d+…"
              spellCheck={false}
              onChange={({ target }) => {
                setTrustedKey(target.value);
                localStorage.setItem(keptKey, target.value);
              }}
            />
            <small className="muted">Those of witnesses may follow, with spaces between.</small>
          </label>
        </>
      )}
    </section>
  );
}

function verdictOf(steps: readonly ProofStep[]): { readonly says: string; readonly result: ProofStep["result"] } {
  if (steps.some(({ result }) => result === "fails")) {
    return {
      says: "This entry does not stand the test. Keep what you see, and run auditrail verify.",
      result: "fails",
    };
  }
  if (steps.some(({ result }) => result === "open")) {
    return {
      says: "The entry is in the server's tree. That nobody can change the tree is not shown yet: see the open steps.",
      result: "open",
    };
  }
  return { says: "This entry is what was signed.", result: "holds" };
}
