export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  return text.includes("\\") ? `E${quoted}` : quoted;
}
