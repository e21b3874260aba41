/** The console's files. They are listed once: a path that is not in the list leads nowhere, however it is written. */

import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";

import { AuditError, quote } from "../base/errors.ts";
import { safeHeaders } from "./respond.ts";

export interface StaticFiles {
  /** The file at a path below the prefix; for paths of the console's own, its page; `undefined` for what is neither. */
  answer(path: string, request: Request): Promise<Response | undefined>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/** In pages, what stands for the nonce of this answer, and for the path that the server is mounted under. */
const nonceMark = "__AUDITRAIL_NONCE__";
const prefixMark = "__AUDITRAIL_PREFIX__";

/** The script of embedded timelines is the only file that pages of other origins may load. */
const embedScript = "/embed.js";
const forAllPages = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" };

/** Errors: `OPTION_INVALID` where the directory cannot be read or has no index.html. */
export function openStaticFiles(directory: string, prefix: string, embedders: readonly string[]): StaticFiles {
  const files = listFiles(directory);
  if (!files.has("/index.html"))
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot serve the console from ${quote(directory)}: there is no index.html.`,
    );
  const contents = new Map<string, Promise<Buffer>>();
  const read = (path: string): Promise<Buffer> => {
    if (!contents.has(path)) contents.set(path, readFile(files.get(path)!));
    return contents.get(path)!;
  };
  return {
    async answer(path, request) {
      // The page of embedded timelines is the only one that others may frame.
      if (path === "/embed" || path === "/embed.html")
        return files.has("/embed.html") ? page(await read("/embed.html"), prefix, embedders) : undefined;
      if (files.has(path) && extname(path) !== ".html") return file(path, await read(path), request);
      if (path !== "/index.html" && extname(path) !== "") return undefined;
      return page(await read("/index.html"), prefix, []);
    },
  };
}

function listFiles(directory: string): ReadonlyMap<string, string> {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(
      entries.map(({ parentPath, name }) => {
        const file = join(parentPath, name);
        return [file.slice(join(directory, sep).length - 1).replaceAll(sep, "/"), file];
      }),
    );
  } catch (cause) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot serve the console from ${quote(directory)}: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function page(content: Buffer, prefix: string, embedders: readonly string[]): Response {
  const nonce = randomBytes(16).toString("base64");
  const text = content.toString("utf8").replaceAll(nonceMark, nonce).replaceAll(prefixMark, prefix);
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    ...["img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'"],
    ...[
      "base-uri 'self'",
      "form-action 'self'",
      `frame-ancestors ${embedders.length === 0 ? "'none'" : embedders.join(" ")}`,
    ],
  ].join("; ");
  return new Response(text, {
    headers: { ...safeHeaders, "content-type": types[".html"]!, "content-security-policy": policy },
  });
}

function file(path: string, content: Buffer, request: Request): Response {
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 24)}"`;
  // Bundlers put a hash of the content into the names below assets/.
  const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  const headers = { ...safeHeaders, etag, "cache-control": caching, ...(path === embedScript ? forAllPages : {}) };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(content), {
    headers: { ...headers, "content-type": types[extname(path)] ?? "application/octet-stream" },
  });
}
