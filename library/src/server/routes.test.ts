import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { describeOpenapi } from "./openapi.ts";
import { describeRoutes } from "./describe-routes.ts";
import { routes, routeTable } from "./routes.ts";

const page = join(import.meta.dirname, "../../../docs/reference/http-api.md");
const mark =
  "<!-- From here on written by routes.test.ts out of the route table: `npx vitest run routes.test.ts -u`. -->\n\n";

test("every route is called what its row is called, and no two answer the same request", () => {
  for (const [name, row] of Object.entries(routeTable)) expect(row.name).toBe(name);
  const requests = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ":")}`);
  expect(new Set(requests).size).toBe(requests.length);
});

test("no route changes or deletes an entry", () => {
  const writing = routes.filter(({ method }) => method !== "GET");
  // What may be written: sessions, people, keys, searches, tokens, and new events.
  const places =
    /^\/api\/v1\/(session(\/password)?|set-up|hand-over|people(\/:person)?|keys(\/:key)?|searches(\/:search)?|embed-tokens|events)$/;
  for (const { method, path } of writing)
    expect(`${method} ${path}`).toMatch(new RegExp(`^[A-Z]+ ${places.source.slice(1)}`));
  expect(writing.filter(({ path }) => /entr|trail|checkpoint|log/.test(path))).toEqual([]);
  expect(writing.filter(({ path }) => path.startsWith("/api/v1/events")).map(({ method }) => method)).toEqual(["POST"]);
});

test("the OpenAPI document has every route, and every reference in it leads somewhere", () => {
  const document = describeOpenapi({ routes, prefix: "/audit", version: "1" }) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  const named = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(named.toSorted()).toEqual(Object.keys(routeTable).toSorted());
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
});

test("docs/reference/http-api.md describes the table as it is", async () => {
  const [prose] = readFileSync(page, "utf8").split(mark);
  await expect(`${prose}${mark}${describeRoutes(routes)}\n`).toMatchFileSnapshot(page);
});
