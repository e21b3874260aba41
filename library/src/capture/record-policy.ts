import type { Exclusion, RequestOptions } from "./request-options.ts";

/** What is known of a route before anybody calls it. */
export interface RouteRecording {
  /** `always`; `failures` for a read of which only those that fail or are denied are; `never`, for its reason. */
  readonly recorded: "always" | "failures" | "never";
  readonly reason?: string;
}

/** Methods that RFC 9110 calls safe (section 9.2.1): they read. */
const safeMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export const isRead = (method: string): boolean => safeMethods.has(method);

export type RecordPolicy = (method: string, route: string | undefined) => RouteRecording;

/** Decides by method and route which requests are recorded. */
export function createRecordPolicy({ reads = "failed", exclude = [] }: RequestOptions<never>): RecordPolicy {
  const readRoutes = new Set(typeof reads === "string" ? [] : reads);
  return (method, route) => {
    const excluded = exclude.find((each) => covers(each, method, route));
    if (excluded !== undefined) return { recorded: "never", reason: excluded.reason };
    if (!isRead(method) || reads === "all") return { recorded: "always" };
    if (route !== undefined && readRoutes.has(route)) return { recorded: "always" };
    return {
      recorded: "failures",
      reason: "it only reads: recorded where it fails or is denied, or its handler asks for it",
    };
  };
}

function covers({ method, route }: Exclusion, called: string, pattern: string | undefined): boolean {
  return (method === undefined || method.toUpperCase() === called) && (route === undefined || route === pattern);
}
