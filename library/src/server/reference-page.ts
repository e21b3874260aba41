/** The reference as a page: no script, no file beside it, and nothing in it that anybody else wrote. */

import { createHash } from "node:crypto";

import { describeRoutes } from "./describe-routes.ts";
import type { Route } from "./route.ts";

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem}code,pre{font-family:ui-monospace,monospace;font-size:.9em}h3{margin-top:2.5rem;font-family:ui-monospace,monospace}";

export function referencePage(routes: readonly Route[]): Response {
  const body = formatMarkdown(describeRoutes(routes));
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Auditrail: the HTTP interface</title><style>${style}</style><h1>The HTTP interface</h1><p>No route changes or deletes an entry. Also as <a href="openapi.json">OpenAPI 3.1</a>.</p>${body}</html>`;
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; frame-ancestors 'none'`;
  return new Response(page, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}

/** The little Markdown that `describeRoutes` writes: headings, lists, code, emphasis. */
function formatMarkdown(text: string): string {
  return text
    .split(/(```text\n[^]*?\n```)/)
    .map((part) =>
      part.startsWith("```")
        ? `<pre>${escapeHtml(part.slice(8, -4))}</pre>`
        : part.split("\n\n").map(formatBlock).join(""),
    )
    .join("\n");
}

function formatBlock(block: string): string {
  const heading = /^(#{2,3}) (.*)$/.exec(block.trim());
  if (heading !== null) return `<h${heading[1]!.length}>${formatInline(heading[2]!)}</h${heading[1]!.length}>`;
  const lines = block.split("\n").filter((line) => line.startsWith("- "));
  if (lines.length > 0) return `<ul>${lines.map((line) => `<li>${formatInline(line.slice(2))}</li>`).join("")}</ul>`;
  return block.trim() === "" ? "" : `<p>${formatInline(block)}</p>`;
}

function formatInline(text: string): string {
  return escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replaceAll(/\*([^*]+)\*/g, "<em>$1</em>");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
