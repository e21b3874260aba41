/** Columns that text takes on a terminal: two for wide characters (CJK, emoji), none for combining ones. */

import measure from "fast-string-truncated-width";

export function textWidth(text: string): number {
  return measure(text).width;
}

/** The text, or as much of it as fits into `columns` with an ellipsis. */
export function fitText(text: string, columns: number): string {
  if (columns === Infinity) return text;
  const { truncated, index } = measure(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  return truncated ? `${text.slice(0, index).trimEnd()}…` : text;
}

export function padText(text: string, columns: number, right = false): string {
  const space = " ".repeat(Math.max(0, columns - textWidth(text)));
  return right ? space + text : text + space;
}

/** Breaks a text at spaces into lines of at most `columns`; longer words are broken where they have to be. */
export function wrapText(text: string, columns: number): readonly string[] {
  if (columns === Infinity) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (textWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (textWidth(line) > columns) {
      const { index } = measure(line, { limit: Math.max(columns, 2), ellipsis: "", ellipsisWidth: 0 });
      lines.push(line.slice(0, index));
      line = line.slice(index);
    }
  }
  return [...lines, line];
}
