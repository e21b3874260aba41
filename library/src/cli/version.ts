import { createRequire } from "node:module";

/** The version of this package, from its package.json, which is published with it. */
export const version: string = (createRequire(import.meta.url)("../../package.json") as { readonly version: string })
  .version;
