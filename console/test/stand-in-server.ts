/**
 * Answers the console's requests out of a real trail, as docs/reference/http-api.md has it, until `auditrail serve` does.
 * It has no security of its own: names of people are their roles.
 */

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";

import { describeCatalogue, openTrail, renderSentence, isAuditError, type Entry } from "auditrail";
import { openSqliteStore } from "auditrail/sqlite";
import { fields } from "auditrail/query";
import { leafHash, makeInclusionProof, createTileHashReader } from "auditrail/integrity";

import { shopCatalogue } from "./shop/shop-catalogue.ts";

const consoleFiles = join(import.meta.dirname, "../../library/dist/console");
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

type Asked = Record<string, string>;

export async function startStandIn(file: string, port = 0) {
  const store = await openSqliteStore({ file, origin: "audit.example.com/pantry" });
  const trail = await openTrail({ catalogue: shopCatalogue, store });
  const restricted = ["sign-in"];
  let person: Record<string, unknown> | null = null;
  const people: Record<string, unknown>[] = [];
  const keys: Record<string, unknown>[] = [];
  const searches: Record<string, unknown>[] = [];
  let needed = true;
  const session = () => ({ person, csrfToken: person === null ? null : "csrf", setUpNeeded: needed });
  const isAuditor = () => ((person?.["roles"] ?? []) as string[]).includes("auditor");
  const scoped = (query: string) => {
    const rule = isAuditor() ? "" : restricted.map((log) => `-log:${log}`).join(" ");
    return query.trim() === "" ? rule : rule === "" ? query : `(${query}) ${rule}`;
  };
  const view = (entry: Entry) => {
    const event = structuredClone(entry.event) as unknown as Record<string, unknown>;
    const masked: string[] = [];
    if (!isAuditor()) {
      for (const { paths } of entry.event.sealed ?? []) {
        for (const path of paths) {
          masked.push(path);
          const steps = path.split("/").slice(1);
          let at: any = event;
          for (const step of steps.slice(0, -1)) at = at?.[step];
          if (at) delete at[steps.at(-1)!];
        }
      }
    }
    const says = shopCatalogue.lookup(entry.event.action)?.definition.says ?? "{actor}: {action} {target}";
    return { ...entry, event, masked, log: entry.event.action.split(".")[0], sentence: renderSentence(says, event as never) };
  };
  const make = (row: Record<string, unknown>) => ({ id: crypto.randomUUID(), tenants: null, disabled: false, createdAt: new Date().toISOString(), lastSignInAt: null, ...row });

  const routes: Record<string, (asked: Asked, body: any, id: string) => Promise<unknown> | unknown> = {
    "GET /session": () => session(),
    "POST /session": (_, { name, password }) => {
      const known = people.find((one) => one["name"] === name);
      if (known === undefined || password === "wrong") throw Object.assign(new Error("No."), { code: "SIGN_IN_FAILED", status: 401 });
      person = known;
      return session();
    },
    "DELETE /session": () => ((person = null), undefined),
    "PUT /session/password": () => undefined,
    "POST /set-up": (_, { name, roles = ["administrator"] }) => {
      person = make({ name, roles });
      people.push(person);
      needed = false;
      return session();
    },
    "GET /people": () => ({ people }),
    "POST /people": (_, { name, roles }) => {
      const made = make({ name, roles });
      people.push(made);
      return made;
    },
    "PATCH /people/*": (_, body, id) => Object.assign(people.find((one) => one["id"] === id)!, body),
    "GET /keys": () => ({ keys }),
    "POST /keys": (_, { label, scopes }) => {
      const key = { id: crypto.randomUUID(), label, scopes, tenants: null, createdAt: new Date().toISOString(), createdBy: "x", expiresAt: null, revokedAt: null, lastUsedAt: null };
      keys.unshift(key);
      return { key, secret: "ak_test_secret" };
    },
    "DELETE /keys/*": (_, __, id) => void Object.assign(keys.find((one) => one["id"] === id)!, { revokedAt: new Date().toISOString() }),
    "GET /searches": () => ({ searches }),
    "POST /searches": (_, body) => {
      const search = { id: crypto.randomUUID(), createdAt: new Date().toISOString(), ...body };
      searches.push(search);
      return search;
    },
    "DELETE /searches/*": (_, __, id) => void searches.splice(searches.findIndex((one) => one["id"] === id), 1),
    "GET /catalogue": () => {
      const { logs } = describeCatalogue(shopCatalogue);
      return {
        logs: Object.fromEntries(
          Object.entries(logs).filter(([name]) => isAuditor() || !restricted.includes(name)).map(([name, log]) => [name, { ...log, retainDays: log.retain?.days ?? null, open: log.otherActions !== undefined }]),
        ),
        fields: fields.map(({ name, type, says, values, personal }) => ({ name, type, says, values, personal: personal === true })),
      };
    },
    "GET /tenants": async () => ({ tenants: (await trail.trails()).map(({ tenant, origin, size }) => ({ tenant, origin, size, first: 0, lastEventAt: null })) }),
    "GET /entries": async ({ query = "", zone, limit, cursor, direction = "newest", by = "time" }) => {
      const page = await trail.query(scoped(query), { zone: zone ?? "UTC", limit: Number(limit ?? 50), order: { by, direction } as never, ...(cursor === undefined ? {} : { cursor }) });
      return { entries: page.entries.map(view), next: page.next ?? null };
    },
    "GET /timelines": async ({ query = "", actor, target, operation, limit, cursor, direction = "newest" }) => {
      const what = actor === undefined ? (target === undefined ? `operation:${JSON.stringify(operation)}` : `target:${JSON.stringify(target)}`) : `actor:${JSON.stringify(actor)}`;
      const page = await trail.query(scoped(`${what} ${query}`), { limit: Number(limit ?? 50), order: { by: "time", direction } as never, ...(cursor === undefined ? {} : { cursor }) });
      return { entries: page.entries.map(view), next: page.next ?? null };
    },
    "GET /entries/*": async (_, __, id) => {
      const entry = await trail.read(/^\d+$/.test(id) ? Number(id) : id);
      if (!isAuditor() && restricted.includes(entry.event.action.split(".")[0]!)) throw Object.assign(new Error("No such entry."), { code: "ENTRY_NOT_FOUND", status: 404 });
      return view(entry);
    },
    "GET /entries/*/surrounding": async ({ before = "10", after = "10" }, __, id) => {
      const entry = await trail.read(/^\d+$/.test(id) ? Number(id) : id);
      const older = await trail.query(scoped(`seq:<${entry.seq}`), { limit: Math.max(1, Number(before)), order: { by: "seq", direction: "newest" } });
      const newer = await trail.query(scoped(`seq:>${entry.seq}`), { limit: Math.max(1, Number(after)), order: { by: "seq", direction: "oldest" } });
      return { before: older.entries.toReversed().map(view), entry: view(entry), after: newer.entries.map(view) };
    },
    "GET /entries/*/proof": async (_, __, id) => {
      const entry = await trail.read(/^\d+$/.test(id) ? Number(id) : id);
      const [stored] = await store.read("default", entry.seq, entry.seq + 1);
      const tree = await store.readTree("default");
      const { rangeRoot, createLeafHashReader } = await import("auditrail/integrity");
      void createTileHashReader;
      const all = await store.read("default", 0, tree.size);
      const reader = (createLeafHashReader as any)(all.map((one) => leafHash(one.text)));
      const path = await (makeInclusionProof as any)(entry.seq, tree.size, reader);
      const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
      return { seq: entry.seq, origin: "audit.example.com/pantry", leafHash: entry.hash, text: stored!.text, size: tree.size, root: base64(rangeRoot(tree)), path: path.map(base64), checkpoint: null, tlogProof: null };
    },
    "GET /counts": async ({ query = "", zone, by, bucket }) => ({
      rows: await trail.count(scoped(query), { zone: zone ?? "UTC", ...(by === undefined ? {} : { by: by.split(",") }), ...(bucket === undefined ? {} : { bucket: bucket as never }) }),
      complete: true,
    }),
    "GET /facets": async ({ query = "", zone, fields: names = "", limit = "20" }) => ({
      facets: await Promise.all(
        names.split(",").map(async (field) => {
          const rows = [...(await trail.count(scoped(query), { zone: zone ?? "UTC", by: [field] }))].sort((a, b) => b.count - a.count);
          const values = rows.slice(0, Number(limit)).map(({ keys: [value], count }) => ({ value: value ?? null, count }));
          return { field, values, others: Math.max(0, rows.length - values.length) };
        }),
      ),
      complete: true,
    }),
    "GET /histogram": async ({ query = "", zone, bucket }) => {
      const [first] = (await trail.query(scoped(query), { limit: 1, zone: zone ?? "UTC", order: { direction: "oldest" } })).entries;
      const [last] = (await trail.query(scoped(query), { limit: 1, zone: zone ?? "UTC" })).entries;
      const span = first === undefined ? 0 : Date.parse(last!.event.occurredAt) - Date.parse(first.event.occurredAt);
      const unit = bucket ?? (span < 7_200_000 ? "minute" : span < 4 * 86_400_000 ? "hour" : "day");
      const rows = await trail.count(scoped(query), { zone: zone ?? "UTC", by: ["outcome"], bucket: unit as never });
      const bars = new Map<string, { begins: string; count: number; outcomes: Record<string, number> }>();
      for (const { keys: [begins, outcome], count } of rows) {
        const bar = bars.get(begins!) ?? { begins: begins!, count: 0, outcomes: {} };
        bar.count += count;
        bar.outcomes[outcome!] = count;
        bars.set(begins!, bar);
      }
      return { bucket: unit, bars: [...bars.values()], complete: true };
    },
    "GET /trust": async () => {
      const [head] = await trail.trails();
      const [last] = (await trail.query("", { limit: 1 })).entries;
      return { tenant: "default", origin: head!.origin, size: head!.size, first: 0, lastEventAt: last?.recordedAt ?? null, ingest: { state: "ok", waiting: 0, spooled: 0, lagMs: 12, lost: 0, refused: 0, unknownActors: 0 }, checkpoint: null, unsealed: head!.size, sealing: "absent", gaps: 0 };
    },
    "GET /checkpoints": () => ({ checkpoints: [], next: null }),
  };

  async function tail(asked: Asked, request: IncomingMessage, response: ServerResponse) {
    const ends = new AbortController();
    request.on("close", () => ends.abort());
    response.writeHead(200, { "content-type": "text/event-stream" });
    const from = asked["from"] === undefined ? (await trail.trails())[0]!.size : Number(asked["from"]);
    response.write(`event: open\nid: ${from}\ndata: {}\n\n`);
    for await (const entry of trail.follow(scoped(asked["query"] ?? ""), { from, signal: ends.signal })) {
      response.write(`event: entry\nid: ${entry.seq}\ndata: ${JSON.stringify(view(entry))}\n\n`);
    }
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, "http://x");
    response.setHeader("content-security-policy", policy);
    if (!url.pathname.startsWith("/api/v1/")) {
      const path = join(consoleFiles, url.pathname === "/" ? "index.html" : url.pathname);
      if (!existsSync(path)) return void response.writeHead(404).end();
      response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
      if (path.endsWith(".html")) return void response.end(readFileSync(path, "utf8").replaceAll("__AUDITRAIL_PREFIX__", ""));
      return void createReadStream(path).pipe(response);
    }
    const asked = Object.fromEntries(url.searchParams);
    const send = (status: number, value?: unknown) => response.writeHead(status, { "content-type": "application/json" }).end(value === undefined ? undefined : JSON.stringify(value));
    try {
      let path = url.pathname.slice("/api/v1".length);
      if (person === null && !/^\/(session|set-up)$/.test(path)) throw Object.assign(new Error("Sign in."), { code: "SESSION_REQUIRED", status: 401 });
      if (path === "/tail") return void (await tail(asked, request, response).catch(() => undefined));
      if (/^\/(people|keys)/.test(path) && !(person!["roles"] as string[]).includes("administrator")) throw Object.assign(new Error("Not yours."), { code: "ACCESS_DENIED", status: 403 });
      const found = /^\/(?:entries|people|keys|searches)\/([^/]+)/.exec(path);
      if (found !== null) path = path.replace(found[1]!, "*");
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
      const route = routes[`${request.method} ${path}`];
      if (route === undefined) return void send(404, { error: { code: "REQUEST_INVALID", message: path } });
      const answer = await route(asked, body, found === null ? "" : decodeURIComponent(found[1]!));
      send(answer === undefined ? 204 : 200, answer);
    } catch (error) {
      const { code, status, message, details } = error as { code?: string; status?: number; message: string; details?: unknown };
      if (!isAuditError(error) && status === undefined) console.error(error);
      send(status ?? (code === "QUERY_INVALID" ? 400 : 500), { error: { code: code ?? "SERVER_FAILED", message, details } });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${bound}/`,
    setUpUrl: `http://127.0.0.1:${bound}/#set-up=t`,
    trail,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await trail.close();
    },
  };
}
if (process.argv[2] !== undefined && import.meta.main) console.log((await startStandIn(process.argv[2], 8123)).setUpUrl);
