import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, keepCsrfToken, send } from "./request.ts";
import type { Role, Session } from "./types.ts";

const key = ["session"] as const;

export function useSession() {
  return useQuery<Session>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const session = await get<Session>("session", {}, signal);
      keepCsrfToken(session.csrfToken);
      return session;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
}

/** Whoever signs in or out sees nothing of what was read before. */
function useSessionChange<Body>(change: (body: Body) => Promise<Session | undefined>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (session) => {
      const now = session ?? { person: null, csrfToken: null, setUpNeeded: false };
      keepCsrfToken(now.csrfToken);
      client.setQueryData(key, now);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
    },
  });
}

export const useSignIn = () =>
  useSessionChange((body: { name: string; password: string }) => send<Session>("POST", "session", body));
export const useSetUp = () =>
  useSessionChange((body: { token: string; name: string; password: string; roles: readonly Role[] }) =>
    send<Session>("POST", "set-up", body),
  );
export const useHandOver = () =>
  useSessionChange((body: { token: string }) => send<Session>("POST", "hand-over", body));
export const useSignOut = () =>
  useSessionChange(async (_: undefined) => {
    await send("DELETE", "session");
    return undefined;
  });
