/** An identifier, whatever characters it has. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal. SQLite ends one at a NUL, which is why names with a NUL are refused where the schema is read. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
