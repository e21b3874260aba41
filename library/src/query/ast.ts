/** Placeholder shape until the parser lands: the query language's owner replaces this file whole. */
export type Query = { readonly kind: "everything" } | { readonly kind: string; readonly [member: string]: unknown };
