/**
 * The part of `auditrail/server` that `serve` uses. The server stands on the same floor as this folder, so it is not imported but
 * given, by bin/auditrail.js; a test holds the two together.
 */

import type { Catalogue } from "../event/catalogue.ts";
import type { Sealing } from "../sealing/sealing-types.ts";
import type { Store } from "../trail/contracts.ts";
import type { Trail } from "../trail/types.ts";

export type LoadServer = () => Promise<ServerDoor>;

export interface ServerDoor {
  createServer(options: {
    readonly trail: Trail;
    readonly store: Store;
    readonly catalogue: Catalogue;
    readonly accounts: string;
    readonly prefix?: string;
    readonly console?: string;
    readonly sealing?: Pick<Sealing, "status">;
    readonly secureCookies?: boolean;
    readonly trustedProxies?: readonly string[];
    readonly publicOrigin?: string;
    readonly version?: string;
    readonly onFailure?: (error: unknown) => void;
  }): ServedTrail;
  serveNode(
    server: ServedTrail,
    options: { readonly host: string; readonly port: number },
  ): Promise<AsyncDisposable & { readonly url: string }>;
}

export interface ServedTrail extends AsyncDisposable {
  fetch(this: void, request: Request): Promise<Response>;
  setUpPath(): string | undefined;
  stop(): void;
  close(): Promise<void>;
}
