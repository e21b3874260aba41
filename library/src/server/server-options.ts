import type { Clock } from "../base/time.ts";
import type { Actions, Catalogue } from "../event/catalogue.ts";
import type { Sealing } from "../sealing/sealing-types.ts";
import type { Store } from "../trail/contracts.ts";
import type { HandOverOptions } from "./hand-over.ts";
import type { Trail } from "../trail/types.ts";

export interface ServerOptions<A extends Actions = Actions, Tx = never> {
  /** What is read, and recorded into. It stays yours: the server does not close it. */
  readonly trail: Trail<A, Tx>;
  /** The store that the trail was opened on. */
  readonly store: Store<Tx>;
  /** The catalogue that the trail was opened with: who may read which log stands in it. */
  readonly catalogue: Catalogue<A>;
  /** The accounts file: people, sessions, keys. SQLite, made when it is missing; `:memory:` keeps nothing. */
  readonly accounts: string;
  /** Under which path the server is mounted: none unless said, or such as `/audit`. */
  readonly prefix?: string;
  /** The console, and the script of embedded timelines: `true` for those of this package, or the directory of a build. */
  readonly console?: boolean | string;
  /** Origins of pages that may show an embedded timeline in a frame. */
  readonly embedders?: readonly string[];
  /** Lets an application sign people in by links that it signs; see {@link handOverLink}. */
  readonly handOver?: HandOverOptions;
  /** Of this process, where it signs; for the trust status only. */
  readonly sealing?: Pick<Sealing, "status">;
  /** Cookies for HTTPS only; true unless said. Switch it off for plain HTTP on one's own machine. */
  readonly secureCookies?: boolean;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. None unless said. */
  readonly trustedProxies?: readonly string[];
  /** What browsers know the server as, such as `https://audit.example.com`; where a proxy does not pass Host on. */
  readonly publicOrigin?: string;
  /** How long sessions last: 30 minutes without a request, 12 hours in all. */
  readonly session?: { readonly idleMinutes?: number; readonly hours?: number };
  /** Whose trail tells of signing in, people and keys; `default` unless said. */
  readonly homeTenant?: string;
  /** The largest body, in bytes; 8 MiB by default. */
  readonly mostBodyBytes?: number;
  /**
   * How many tails (100) and exports (8) may be open at once; and of how many matches, the newest, facets and histograms are made where
   * they are not counted beforehand (50,000: a second of work, while others wait for the store).
   */
  readonly limits?: { readonly tails?: number; readonly exports?: number; readonly counted?: number };
  /** Log2 of scrypt's N; 15 by default. Lower is for tests. */
  readonly passwordCostLog2?: number;
  /** Told of what went wrong inside; a warning of the process unless said. */
  readonly onFailure?: (error: unknown) => void;
  /** Of this program, for the OpenAPI document. */
  readonly version?: string;
  readonly clock?: Clock;
}

export const optionNames: readonly (keyof ServerOptions)[] = [
  ...([
    "trail",
    "store",
    "catalogue",
    "accounts",
    "prefix",
    "console",
    "embedders",
    "handOver",
    "sealing",
    "secureCookies",
  ] as const),
  ...([
    "trustedProxies",
    "publicOrigin",
    "session",
    "homeTenant",
    "mostBodyBytes",
    "limits",
    "passwordCostLog2",
  ] as const),
  ...(["onFailure", "version", "clock"] as const),
];

/** Who is connected, as far as the one who calls the handler knows. */
export interface Connection {
  readonly address?: string | undefined;
}

export interface AuditServer extends AsyncDisposable {
  /** Answers a web-standard request. Never rejects. */
  fetch(this: void, request: Request, connection?: Connection): Promise<Response>;
  /** The path of a new one-time link by which the first person is made; the one before ends. None once somebody is there. */
  setUpPath(): string | undefined;
  /** Ends what streams; other requests are still answered. */
  stop(): void;
  /** Ends what streams, tells what was read and not told yet, and closes the accounts file. Close it before the trail. */
  close(): Promise<void>;
}
