import type { LogOptions } from "../event/catalogue.ts";

/** What of a ready-made log may be said anew. */
export type LogSettings = Partial<Pick<LogOptions<never, undefined>, "title" | "list" | "retain" | "readers">>;
