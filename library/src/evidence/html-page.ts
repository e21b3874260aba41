/**
 * The page: one HTML file that holds evidence, shows it, and verifies it with this library's own code, from a disk, with
 * no server.
 *
 * Nothing in it is markup but what stands here: the evidence is a block of base64, and the script puts every text into the
 * page as text. A content security policy lets run only the one script and the one style, by their hashes, and lets nothing
 * be loaded or sent.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";

import { AuditError } from "../base/errors.ts";
import { pageStyle } from "./page-style.ts";

const maxSizeBytes = 64 * 1024 * 1024;
/** A multiple of three, so that pieces of base64 can be put together. */
const pieceSizeBytes = 3 * 64 * 1024;

/** Compiled, the bundle lies beside this file; run from source, in the build's output, which `npm run build` makes. */
const bundle = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/evidence/page-bundle.js" : "./page-bundle.js",
  import.meta.url,
);

/** The page with the evidence in a file, in pieces. Errors: `EVIDENCE_TOO_LARGE`, `FILE_UNREADABLE`. */
export function* htmlChunks(file: string, origin: string): Iterable<string> {
  const { size } = statSync(file);
  if (size > maxSizeBytes) {
    throw new AuditError(
      "EVIDENCE_TOO_LARGE",
      `Cannot make a page of ${size} bytes of evidence: a browser takes about ${maxSizeBytes}. Verify the file with \`auditrail verify\` instead.`,
    );
  }
  const script = readBundle();
  const policy = `default-src 'none'; script-src '${sourceHash(script)}'; style-src '${sourceHash(pageStyle)}'; form-action 'none'; base-uri 'none'`;
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Audit trail: ${escapeText(origin)}</title>\n<style>${pageStyle}</style>\n</head>\n`;
  yield `<body>\n<main id="page"><noscript>This page verifies evidence with a script of its own. Allow scripts for it, or use \`auditrail verify\`.</noscript></main>\n`;
  yield `<script type="application/octet-stream" id="evidence">`;
  yield* base64Pieces(file);
  yield `</script>\n<script>${script}</script>\n</body>\n</html>\n`;
}

function readBundle(): string {
  try {
    // A script ends at the first of these, wherever it stands.
    return readFileSync(bundle, "utf8").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  } catch (cause) {
    throw new AuditError(
      "FILE_UNREADABLE",
      "Cannot make a page: its script is missing from this installation. In a working copy, run `npm run build`.",
      { cause },
    );
  }
}

/** https://www.w3.org/TR/CSP3/#framework-directive-source-list */
function sourceHash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function* base64Pieces(file: string): Iterable<string> {
  const descriptor = openSync(file, "r");
  try {
    const piece = Buffer.alloc(pieceSizeBytes);
    for (let filled = 0, ended = false; !ended; filled = 0) {
      while (filled < pieceSizeBytes) {
        const count = readSync(descriptor, piece, filled, pieceSizeBytes - filled, null);
        if (count === 0) ended = true;
        if (count === 0) break;
        filled += count;
      }
      yield piece.toString("base64", 0, filled);
    }
  } finally {
    closeSync(descriptor);
  }
}
