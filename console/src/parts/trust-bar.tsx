import { Link } from "wouter";

import { useTrust } from "../api/reading.ts";
import type { Trust } from "../api/types.ts";
import { Icon } from "../kit/icon.tsx";
import { Time } from "../kit/time.tsx";
import { showDuration } from "../kit/times.ts";
import { linkTo } from "../state/address.ts";

const sealingWords: Readonly<Record<Trust["sealing"], string>> = {
  ok: "signing",
  refused: "signing refused",
  failing: "signing fails",
  closed: "signing closed",
  absent: "not signed here",
};

/** How far what is shown can be relied on, on every page. */
export function TrustBar({ tenant }: { readonly tenant: string | undefined }) {
  const { data: trust, isError } = useTrust(tenant);
  if (isError) return <footer className="trust trust-bad">The server does not say how the trail is doing.</footer>;
  if (trust === undefined) return <footer className="trust" />;
  const { ingest, checkpoint, sealing, gaps } = trust;
  const isBad = ingest.state !== "ok" || sealing === "refused" || sealing === "failing" || gaps > 0 || ingest.lost > 0;
  return (
    <footer className={`trust${isBad ? " trust-bad" : ""}`} aria-label="State of the trail">
      <span>
        <Icon name={isBad ? "denied" : "shield"} />
        {trust.size.toLocaleString("en")} entries
      </span>
      {trust.lastEventAt !== null && (
        <span>
          Last event <Time at={trust.lastEventAt} as="relative" />
        </span>
      )}
      {ingest.lagMs !== null && <span className="trust-more">Lag {showDuration(ingest.lagMs)}</span>}
      <span className="trust-more">Recording {ingest.state}</span>
      {checkpoint === null ? (
        <span>No checkpoint yet ({sealingWords[sealing]})</span>
      ) : (
        <span>
          Signed up to {(checkpoint.size - 1).toLocaleString("en")}, <Time at={checkpoint.createdAt} as="relative" />
          {trust.unsealed > 0 && <span className="muted"> ({trust.unsealed.toLocaleString("en")} since)</span>}
          {sealing !== "ok" && sealing !== "absent" && <strong> · {sealingWords[sealing]}</strong>}
        </span>
      )}
      {gaps > 0 ? <Link href={linkTo("/", { q: "action:auditrail.gap" })}>{gaps} gaps</Link> : <span>No gaps</span>}
    </footer>
  );
}
