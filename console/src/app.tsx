import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";

import { ApiError } from "./api/request.ts";
import { useSession } from "./api/session.ts";
import { ActivityPage } from "./pages/activity.tsx";
import { EntryPage } from "./pages/entry.tsx";
import { HandOverPage, handOverMark } from "./pages/hand-over.tsx";
import { SetUpPage } from "./pages/set-up.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { Failed } from "./parts/empty-state.tsx";
import { Shell } from "./parts/shell.tsx";
import { useHashPath } from "./state/address.ts";

const TimelinePage = lazy(async () => ({ default: (await import("./pages/timeline.tsx")).TimelinePage }));
const ReportsPage = lazy(async () => ({ default: (await import("./pages/reports.tsx")).ReportsPage }));
const CataloguePage = lazy(async () => ({ default: (await import("./pages/catalogue.tsx")).CataloguePage }));
const PeoplePage = lazy(async () => ({ default: (await import("./pages/people.tsx")).PeoplePage }));
const KeysPage = lazy(async () => ({ default: (await import("./pages/keys.tsx")).KeysPage }));
const AccountPage = lazy(async () => ({ default: (await import("./pages/account.tsx")).AccountPage }));

export function App() {
  const { data: session, error, refetch } = useSession();
  useLostSession();
  const [path] = useHashPath();
  if (error !== null && session === undefined) {
    return (
      <main className="alone">
        <Failed error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  if (session === undefined) return <main className="alone" aria-busy="true" />;
  if (path.startsWith(handOverMark)) return <HandOverPage key={path} link={path} />;
  if (session.person === null) return session.setUpNeeded ? <SetUpPage /> : <SignInPage />;
  return (
    <Shell person={session.person}>
      <Suspense fallback={<div className="page" aria-busy="true" />}>
        <Switch>
          <Route path="/">
            <ActivityPage log={undefined} />
          </Route>
          <Route path="/log/:log">{({ log }) => <ActivityPage key={log} log={decodeURIComponent(log)} />}</Route>
          <Route path="/entry/:entry">{({ entry }) => <EntryPage id={decodeURIComponent(entry)} />}</Route>
          <Route path="/timeline" component={TimelinePage} />
          <Route path="/reports" component={ReportsPage} />
          <Route path="/catalogue" component={CataloguePage} />
          <Route path="/people" component={PeoplePage} />
          <Route path="/keys" component={KeysPage} />
          <Route path="/account" component={AccountPage} />
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

/** A session that ended elsewhere is found out by the first question after it. */
function useLostSession(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state;
        const isLost = error instanceof ApiError && error.code === "SESSION_REQUIRED";
        if (isLost && query.queryKey[0] !== "session") void client.resetQueries({ queryKey: ["session"] });
      }),
    [client],
  );
}
