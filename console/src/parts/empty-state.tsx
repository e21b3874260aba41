import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useTrust, type Asking } from "../api/reading.ts";
import { ApiError, get } from "../api/request.ts";
import type { CountRow } from "../api/types.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { EventText } from "../kit/event-text.tsx";
import { joinParts, partsOf, withoutPart } from "../state/query-text.ts";

const snippet = `import { openTrail } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";

const store = await openSqliteStore({ file: "audit.db", createIfMissing: true });
const trail = await openTrail({ catalogue, store });
await trail.record("order.placed", { actor: { type: "user", id: "7" }, target: { type: "order", id: "1042" } });`;

export function Notice({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface NothingProps {
  readonly asking: Asking;
  /** The reader's own query, whose terms may be dropped; `within` is what the page adds to it. */
  readonly query: string;
  readonly within: string;
  readonly onChange: (query: string) => void;
}

/** Why the list is empty: nothing was recorded, or nothing matches, and then which term is in the way. */
export function Nothing({ asking, query, within, onChange }: NothingProps) {
  const { data: trust } = useTrust(asking.tenant);
  const parts = partsOf(query);
  const counts = useQueries({
    queries: parts.map((part) => {
      const parameters = {
        tenant: asking.tenant,
        zone: asking.zone,
        query: joinParts(within, withoutPart(query, part)),
      };
      return {
        queryKey: ["counts", "without", parameters],
        queryFn: () => get<{ rows: readonly CountRow[] }>("counts", parameters),
      };
    }),
  });
  if (trust?.size === 0 || parts.length === 0) {
    return (
      <Notice title="Nothing yet">
        <p>
          {trust?.size === 0
            ? "This trail has no entries. They appear here as soon as an application records one:"
            : "Nothing was recorded here so far. This is how an application does it:"}
        </p>
        <pre className="raw">{snippet}</pre>
        <CopyButton label="Copy" text={snippet} />
      </Notice>
    );
  }
  return (
    <Notice title="Nothing matches">
      <p>These filters together leave nothing. Drop one of them:</p>
      <ul className="drops">
        {parts.map((part, index) => {
          const count = counts[index]?.data?.rows[0]?.count;
          return (
            <li key={part}>
              <button type="button" className="button" onClick={() => onChange(withoutPart(query, part))}>
                Drop{" "}
                <code>
                  <EventText text={part} atMost={80} cuts />
                </code>
                {count !== undefined && (
                  <strong className={count === 0 ? "muted" : "gain"}>+{count.toLocaleString("en")}</strong>
                )}
              </button>
            </li>
          );
        })}
      </ul>
      {parts.length > 1 && (
        <button type="button" className="link-button" onClick={() => onChange("")}>
          Drop all of them
        </button>
      )}
    </Notice>
  );
}

/** A log that the catalogue does not show to this reader: the server tells nobody whether there is one. */
export function NoSuchLog({ log }: { readonly log: string }) {
  return (
    <Notice title="Not a log that you may read">
      <p>
        There is no log{" "}
        <code>
          <EventText text={log} atMost={80} cuts />
        </code>{" "}
        here, or your role does not show it. An auditor reads restricted logs.
      </p>
    </Notice>
  );
}

/** Why there is no answer: not allowed, not reachable, or something else that the server said. */
export function Failed({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const code = error instanceof ApiError ? error.code : "UNEXPECTED";
  const retry = onRetry !== undefined && (
    <button type="button" className="button button-main" onClick={onRetry}>
      Try again
    </button>
  );
  if (code === "NOT_REACHABLE") {
    return (
      <Notice title="The server is not reachable">
        <p>It may be starting, or the connection is gone. What was recorded meanwhile is kept, and will be here.</p>
        {retry}
      </Notice>
    );
  }
  if (code === "ACCESS_DENIED" || code === "QUERY_PERSONAL") {
    return (
      <Notice title="Not for your role">
        <p>
          {code === "QUERY_PERSONAL"
            ? "This asks for personal data, which your role does not show."
            : "You are signed in, but this needs another role. An administrator can give it to you."}
        </p>
        <p className="muted small">{error.message}</p>
      </Notice>
    );
  }
  if (code === "ENTRY_NOT_FOUND") {
    return (
      <Notice title="There is no such entry">
        <p>It is in another trail, or in a log that your role does not show.</p>
      </Notice>
    );
  }
  return (
    <Notice title="That did not work">
      <p>{error.message}</p>
      <p className="muted small">{code}</p>
      {retry}
    </Notice>
  );
}
