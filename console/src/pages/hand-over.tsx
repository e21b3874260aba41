import { useEffect, useRef } from "react";

import { ApiError } from "../api/request.ts";
import { useHandOver } from "../api/session.ts";
import { goTo } from "../state/address.ts";
import { Door } from "./sign-in.tsx";

/** What stands behind the `#` of a link by which an application signs somebody in. */
export const handOverMark = "hand-over=";

/** Uses the link at once: it is good for seconds, and for one time. */
export function HandOverPage({ link }: { readonly link: string }) {
  const { mutate, error } = useHandOver();
  const isUsed = useRef(false);
  useEffect(() => {
    if (isUsed.current) return;
    isUsed.current = true;
    const given = new URLSearchParams(link);
    const to = given.get("to") ?? "/";
    mutate(
      { token: given.get("hand-over") ?? "" },
      { onSuccess: () => goTo(to.startsWith("/") ? to : "/", { replace: true }) },
    );
  }, [link, mutate]);
  if (error === null) return <main className="alone" aria-busy="true" />;
  return (
    <Door title="Not signed in" says={refusal(error)}>
      <button type="button" className="button" onClick={() => goTo("/", { replace: true })}>
        Sign in another way
      </button>
    </Door>
  );
}

function refusal(error: Error): string {
  if (!(error instanceof ApiError) || error.code !== "HAND_OVER_INVALID") return error.message;
  return `${error.message} Go back to where you came from and follow its link again: each is good once.`;
}
