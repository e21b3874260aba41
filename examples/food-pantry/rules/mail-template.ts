/** Mail texts with variables: `Hello {{name}}`. */

const variable = /\{\{\s*([A-Za-z]+)\s*\}\}/g;

export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(variable)].map(([, name]) => name!))];
}

export function renderText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(variable, (whole, name: string) => values[name] ?? whole);
}

/** Values are text, never markup. */
export function renderHtml(html: string, values: Readonly<Record<string, string>>): string {
  const escaped = Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]);
  return renderText(html, Object.fromEntries(escaped) as Record<string, string>);
}

/** A header has one line. */
export function renderSubject(subject: string, values: Readonly<Record<string, string>>): string {
  return renderText(subject, values).replaceAll(/\s+/g, " ").trim();
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign]!);
}
