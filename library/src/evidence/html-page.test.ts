import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { htmlChunks } from "./html-page.ts";

test("the page holds the file as it is, and its markup is no other text's", () => {
  const file = join(temporaryDirectory(), "trail.tar");
  const bytes = Uint8Array.from({ length: 500_001 }, (_, index) => index % 251);
  writeFileSync(file, bytes);
  const html = [...htmlChunks(file, 'audit.example.com/<script>"&')].join("");
  const [, block] = /<script type="application\/octet-stream" id="evidence">([A-Za-z0-9+/=]*)<\/script>/.exec(html)!;
  expect(Buffer.from(block!, "base64").equals(bytes)).toBe(true);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).toContain("<title>Audit trail: audit.example.com/&#60;script&#62;&#34;&#38;</title>");
  expect(html).toMatch(
    /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-/,
  );
});

test("a file that no browser would open is refused before it is read", () => {
  const file = join(temporaryDirectory(), "trail.tar");
  writeFileSync(file, "");
  truncateSync(file, 64 * 1024 * 1024 + 1);
  expect(() => [...htmlChunks(file, "origin")]).toThrow(expect.objectContaining({ code: "EVIDENCE_TOO_LARGE" }));
});
