export interface CsvFormat {
  readonly delimiter: string;
  readonly quote: string;
}

/** The fields of one CSV record (RFC 4180), or what is wrong with it. Line ends inside quotes belong to the field. */
export function readRow(
  text: string,
  { delimiter, quote }: CsvFormat,
): readonly string[] | { readonly problem: string } {
  const fields: string[] = [];
  let index = 0;
  for (;;) {
    if (text.startsWith(quote, index)) {
      const quoted = readQuoted(text, index, quote);
      if (quoted === undefined) return { problem: "a quoted field is never closed" };
      fields.push(quoted.field);
      index = quoted.end;
      if (index < text.length && !text.startsWith(delimiter, index)) {
        return { problem: `field ${fields.length} goes on after its closing quote` };
      }
    } else {
      const end = text.indexOf(delimiter, index);
      const field = text.slice(index, end === -1 ? undefined : end);
      if (field.includes(quote))
        return { problem: `field ${fields.length + 1} has a quote in the middle, and is not quoted itself` };
      fields.push(field);
      index = end === -1 ? text.length : end;
    }
    if (index >= text.length) return fields;
    index += delimiter.length;
  }
}

/** The field that begins with the quote at `start`, and where it ends. Two quotes inside stand for one. */
function readQuoted(
  text: string,
  start: number,
  quote: string,
): { readonly field: string; readonly end: number } | undefined {
  let field = "";
  let from = start + quote.length;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end === -1) return undefined;
    field += text.slice(from, end);
    if (!text.startsWith(quote, end + quote.length)) return { field, end: end + quote.length };
    field += quote;
    from = end + 2 * quote.length;
  }
}
