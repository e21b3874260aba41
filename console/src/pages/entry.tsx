import { Link } from "wouter";

import { useCatalogue, useEntry } from "../api/reading.ts";
import { Icon } from "../kit/icon.tsx";
import { Failed } from "../parts/empty-state.tsx";
import { EntryDetail } from "../parts/entry-detail.tsx";
import { linkTo, useParameters } from "../state/address.ts";

/** An entry on a page of its own, which a link leads to. */
export function EntryPage({ id }: { readonly id: string }) {
  const [parameters] = useParameters();
  const tenant = parameters.get("tenant") ?? undefined;
  const { data: entry, error, refetch } = useEntry(tenant, id);
  const { data: catalogue } = useCatalogue();
  return (
    <div className="page page-narrow">
      <p className="back">
        <Link href={linkTo("/", { tenant })}>
          <Icon name="left" /> Activity
        </Link>
      </p>
      {error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {entry !== undefined && (
        <EntryDetail entry={entry} tenant={tenant} logTitle={catalogue?.logs[entry.log]?.title ?? entry.log} />
      )}
    </div>
  );
}
