/** What the HTTP interface answers, as docs/reference/http-api.md has it; only what the console reads. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export type Outcome = "success" | "failure" | "denied" | "unknown";

export interface Actor {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly roles?: readonly string[];
  readonly credential?: string;
  readonly agent?: string;
}

export interface Target {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
  readonly role?: string;
  readonly parent?: string;
}

export interface ErrorInfo {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
}

export interface AuditEvent {
  readonly id: string;
  readonly tenant: string;
  readonly action: string;
  readonly version: number;
  readonly op: string;
  readonly severity: string;
  readonly outcome: Outcome;
  readonly occurredAt: string;
  readonly actor: Actor;
  readonly onBehalfOf?: readonly Actor[];
  readonly targets?: readonly Target[];
  readonly message?: string;
  readonly reason?: string;
  readonly error?: ErrorInfo;
  readonly durationMs?: number;
  readonly before?: Json;
  readonly after?: Json;
  readonly changed?: readonly string[];
  readonly data?: Json;
  readonly context?: { readonly [name: string]: Json };
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly operationId?: string;
  readonly producer?: string;
  readonly subjects?: readonly string[];
  readonly redacted?: readonly { readonly path: string; readonly rule: string }[];
  readonly truncated?: readonly { readonly path: string; readonly bytes: number; readonly sha256?: string }[];
  readonly collapsed?: { readonly count: number; readonly from: string; readonly until: string };
}

export interface Entry {
  readonly seq: number;
  readonly recordedAt: string;
  readonly hash: string;
  readonly event: AuditEvent;
  readonly erased: readonly string[];
  readonly masked: readonly string[];
  readonly log: string;
  readonly sentence: string;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly next: string | null;
}

export type Role = "viewer" | "staff" | "auditor" | "administrator";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly tenants: readonly string[] | null;
  readonly disabled: boolean;
  readonly handedOver: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
}

export interface Session {
  readonly person: Person | null;
  readonly csrfToken: string | null;
  readonly setUpNeeded: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly view?: { readonly [name: string]: string | number | boolean | readonly string[] };
}

export interface ActionDescription {
  readonly op: string;
  readonly says: string;
  readonly guarantee: string;
  readonly reason: string;
  readonly severity: string;
  readonly version: number;
  readonly data?: Json;
  readonly state?: Json;
}

export interface LogDescription {
  readonly title: string;
  readonly readers: "staff" | "restricted";
  readonly list: {
    readonly columns?: readonly string[];
    readonly filters?: readonly string[];
    readonly search?: readonly string[];
  };
  readonly retainDays: number | null;
  readonly open: boolean;
  readonly actions: { readonly [name: string]: ActionDescription };
}

export interface FieldDescription {
  readonly name: string;
  readonly type: string;
  readonly says: string;
  readonly values?: readonly string[];
  readonly personal: boolean;
}

export interface Catalogue {
  readonly logs: { readonly [name: string]: LogDescription };
  readonly fields: readonly FieldDescription[];
}

export interface Facet {
  readonly field: string;
  readonly values: readonly { readonly value: string | null; readonly count: number }[];
  readonly others: number;
  /** False where only the newest entries are counted. */
  readonly complete: boolean;
}

export type BucketUnit = "minute" | "hour" | "day" | "week" | "month" | "year";

export interface Bar {
  readonly begins: string;
  readonly count: number;
  readonly outcomes: { readonly [outcome: string]: number };
}

export interface Histogram {
  readonly bucket: BucketUnit;
  readonly bars: readonly Bar[];
  readonly complete: boolean;
}

export interface CountRow {
  readonly keys: readonly (string | null)[];
  readonly count: number;
}

export interface Checkpoint {
  readonly number: number;
  readonly size: number;
  readonly root: string;
  readonly createdAt: string;
  readonly note: string;
  readonly timestamped: boolean;
}

export interface Proof {
  readonly seq: number;
  readonly origin: string;
  readonly leafHash: string;
  readonly text: string | null;
  readonly size: number;
  readonly root: string;
  readonly path: readonly string[];
  readonly checkpoint: Checkpoint | null;
  readonly tlogProof: string | null;
}

export interface Trust {
  readonly tenant: string;
  readonly origin: string;
  readonly size: number;
  readonly first: number;
  readonly lastEventAt: string | null;
  readonly ingest: {
    readonly state: "ok" | "degraded" | "closed";
    readonly waiting: number;
    readonly spooled: number;
    readonly lagMs: number | null;
    readonly lost: number;
    readonly refused: number;
    readonly unknownActors: number;
  };
  readonly checkpoint: Checkpoint | null;
  readonly unsealed: number;
  readonly sealing: "ok" | "refused" | "failing" | "closed" | "absent";
  readonly gaps: number;
}

export interface TenantHead {
  readonly tenant: string;
  readonly origin: string;
  readonly size: number;
}
