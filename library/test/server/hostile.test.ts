/** What attackers write into events, headers and paths. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { serveNode } from "../../src/server/serve-node.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import {
  codeOf,
  json,
  makeKey,
  openTestServer,
  sendTo,
  setUp,
  signInAll,
  withKey,
  type Send,
  type SignedIn,
  type TestServer,
} from "./test-server.ts";

const hostile: Readonly<Record<string, string>> = {
  script: "<script>alert(1)</script><img src=x onerror=alert(1)>",
  attribute: `" onmouseover="alert(1)" x="`,
  formula: '=HYPERLINK("https://evil.test","paid")',
  "formula behind a tab": "\t=1+1",
  "full-width formula": "＝1+1",
  bidi: "invoice \u202Egnp.exe\u202C \u2066x\u2069",
  controls: "\u0007\u001b[2J\u001b]0;owned\u0007 line\r\nbreak\u0085",
  "events of our own": "data: x\n\nevent: entry\ndata: {}\n\n",
  emoji: "👩‍👩‍👧‍👦 \u{1F3F4}\u{E0067}\u{E007F}",
  "right to left": "שלום مرحبا",
  separators: "\u2028\u2029\u0000x",
  "a fake time": "2026-01-01T00:00:00Z ERROR forged line",
  "64 KB": "A".repeat(40_000),
};

let opened: TestServer;
let auditor: SignedIn;
let administrator: SignedIn;

beforeAll(async () => {
  opened = await openTestServer();
  ({ auditor, administrator } = await signInAll(opened.server, sendTo(opened.server)));
  const send = withKey(sendTo(opened.server), await makeKey(administrator, ["events:write"]));
  const events = Object.values(hostile).map((text, index) => ({
    action: "voucher.applied",
    message: text,
    targets: [{ type: "voucher", id: String(index) }],
    actor: { type: "user", id: "eve", name: text.slice(0, 500) },
  }));
  const { ok } = await send("/api/v1/events", { method: "POST", json: { events } });
  if (!ok) throw new Error("the hostile events were not recorded");
});

afterAll(() => opened[Symbol.asyncDispose]());

interface Seen {
  readonly event: {
    readonly message: string;
    readonly actor: { readonly name: string };
    readonly targets: readonly { readonly id: string }[];
  };
}

test("hostile text is recorded and comes back as JSON, exactly", async () => {
  const { entries } = await json<{ entries: Seen[] }>(
    await auditor.send("/api/v1/entries?query=log:voucher&by=seq&direction=oldest&limit=100"),
  );
  const kept = (await opened.trail.query("log:voucher", { order: { by: "seq", direction: "oldest" } })).entries;
  expect(entries.map(({ event }) => event.message)).toEqual(kept.map(({ event }) => event.message));
  for (const [index, [name, text]] of Object.entries(hostile).entries()) {
    if (name === "separators") continue;
    expect([name, entries[index]!.event.message]).toEqual([name, text]);
  }
});

test("as CSV no cell of it is a formula, and no line of it a line of ours", async () => {
  const text = await (
    await auditor.send("/api/v1/export?query=log:voucher&format=csv&columns=target,actor.name,message")
  ).text();
  expect(text.startsWith("target,actor.name,message\r\n")).toBe(true);
  const cells = text.split(/\r\n/).flatMap((line) => line.split(",").map((cell) => cell.replace(/^"/, "")));
  expect(cells.filter((cell) => /^[=+\-@\t＝]/.test(cell))).toEqual([]);
  expect(text).toContain(`'=HYPERLINK`);
  expect(text).not.toMatch(/[\u001b\u202e\u0007]/);
});

test("as server-sent events it is one line", async () => {
  const response = await auditor.send("/api/v1/tail?from=0&query=log:voucher");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while ((text.match(/^event: entry$/gm) ?? []).length < Object.keys(hostile).length)
    text += (await reader.read()).value;
  await reader.cancel();
  const blocks = text.trim().split("\n\n").slice(1);
  for (const block of blocks) expect(block).toMatch(/^id: \d+\nevent: entry\ndata: \{[^\r\n]*\}$/);
});

test.each([
  "/api/v1/entries/../people",
  "/api/v1/entries/%2e%2e%2fpeople",
  "/api/v1/entries/0%00",
  `/api/v1/entries/${"1".repeat(300)}`,
  "/api/v1/entries/0?tenant=default&tenant=other",
  "/api/v1/entries?limit=1e9",
  "/api/v1/entries?limit=-1",
  "/api/v1/entries?__proto__=1",
  "/api/v1/entries?cursor=1_zz",
  "/api/v1/entries?zone=Mars/Base",
  `/api/v1/entries?query=${"(".repeat(4000)}`,
  "/api/v1/counts?by=constructor",
  "/api/v1/export?format=csv&columns=nonsense",
])("the request %s is refused in its place", async (path) => {
  const response = await auditor.send(path);
  expect([400, 403, 404]).toContain(response.status);
  expect(await codeOf(response)).toMatch(/_/);
  expect(opened.failures).toEqual([]);
});

test("a name with line breaks is no person's, and a tenant no header's", async () => {
  const made = await administrator.send("/api/v1/people", {
    method: "POST",
    json: { name: "x\r\nSet-Cookie: a=b", password: "long enough for this", roles: ["viewer"] },
  });
  expect(await codeOf(made)).toBe("REQUEST_INVALID");
  const exported = await auditor.send(`/api/v1/export?tenant=${encodeURIComponent('a"\r\nX-Evil: 1/../b')}`);
  expect(exported.headers.get("content-disposition")).toBe(
    'attachment; filename="auditrail-a___X-Evil__1_.._b-2026-01-01.jsonl"',
  );
  await exported.text();
});

test("what went wrong inside is told to the operator, not to the caller", async () => {
  await using broken = await openTestServer();
  const administrator = await setUp(broken.server, sendTo(broken.server));
  Object.assign(broken.store, { page: () => Promise.reject(new Error("secret path /etc/shadow")) });
  const response = await administrator.send("/api/v1/entries");
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("shadow")]);
  expect(String(broken.failures)).toContain("shadow");
  expect(await codeOf(await administrator.send("/api/v1/entries"))).toBe("SERVER_FAILED");
});

describe("the console's files", () => {
  const page =
    '<!doctype html><base href="__AUDITRAIL_PREFIX__/"><script nonce="__AUDITRAIL_NONCE__" src="assets/a.js"></script>';

  test("lead to nothing beside them, and pages carry a nonce of their own", async () => {
    const directory = temporaryDirectory();
    const build = join(directory, "console");
    mkdirSync(join(build, "assets"), { recursive: true });
    writeFileSync(join(directory, "secret.txt"), "secret");
    writeFileSync(join(build, "index.html"), page);
    writeFileSync(join(build, "embed.html"), page);
    writeFileSync(join(build, "assets/a.js"), "1");
    await using own = await openTestServer({ console: build, embedders: ["https://shop.test"] });
    await using node = await serveNode(own.server);
    const raw: Send = (path) => fetch(node.url + path);
    const [first, second] = [await raw("/entries/7"), await raw("/")];
    const nonces = [first, second].map(async (response) => /nonce="([^"]+)"/.exec(await response.text())![1]!);
    expect(await nonces[0]).not.toBe(await nonces[1]);
    const policy = first.headers.get("content-security-policy")!;
    expect(policy).toContain(`script-src 'self' 'nonce-${await nonces[0]}'`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect((await raw("/embed")).headers.get("content-security-policy")).toContain("frame-ancestors https://shop.test");
    expect((await raw("/assets/a.js")).headers.get("cache-control")).toContain("immutable");
    const outside = ["/../secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"];
    for (const path of [...outside, "/assets/none.js", "/secret.txt", "/api/v2/x"]) {
      const answer = await own.server.fetch(new Request(`http://x${path}`));
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});
