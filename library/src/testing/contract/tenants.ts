import { assert } from "../assert.ts";

import { trailOrigin } from "../../trail/contracts.ts";
import { parseQuery } from "../../query/parse-query.ts";
import { assertRejects, assertTrail } from "./assertions.ts";
import type { ContractCase } from "./harness.ts";
import { entryMaker, sampleEntries } from "./sample-entries.ts";

const oddTenants = [
  "A",
  "a",
  "a/b",
  "a%2Fb",
  "a b",
  "é",
  "e\u0301",
  "'; DROP TABLE auditrail_trail; --",
  "_",
  "%",
  "\uffee",
  "😀",
  "x".repeat(128),
];
const everything = parseQuery("", { now: 0, zone: "UTC" });
const order = { by: "seq", direction: "oldest" } as const;

export const tenantCases: readonly ContractCase[] = [
  {
    name: "numbers the trail of each tenant from 0, also when a batch mixes them",
    async run({ open }) {
      const store = await open();
      const [a, b] = [sampleEntries(store, 3, { tenant: "a" }), sampleEntries(store, 2, { tenant: "b" })];
      const appended = await store.append([a[0]!, b[0]!, a[1]!, a[2]!, b[1]!]);
      assert.deepEqual(
        appended.map(({ seq }) => seq),
        [0, 0, 1, 2, 1],
      );
      await assertTrail(store, "a", a);
      await assertTrail(store, "b", b);
    },
  },
  {
    name: "shows a tenant nothing of the others, whatever it asks",
    async run({ open }) {
      const store = await open();
      const theirs = sampleEntries(store, 3, { tenant: "theirs", message: "needle" });
      await store.append([...theirs, entryMaker(store)({ tenant: "ours" })]);
      for (const tenant of ["ours", "nobody"]) {
        assert.equal(await store.readById(tenant, theirs[0]!.id), undefined);
        const asked = { tenant, query: parseQuery("needle", { now: 0, zone: "UTC" }) };
        assert.deepEqual((await store.page({ ...asked, order, limit: 10 })).entries, []);
        assert.deepEqual(await store.count({ ...asked, by: [] }), [{ keys: [], count: 0 }]);
        const actions = await store.count({ tenant, query: everything, by: ["action"] });
        assert.deepEqual(actions, tenant === "ours" ? [{ keys: ["shop.sold"], count: 1 }] : []);
      }
    },
  },
  {
    name: "has nothing at positions outside of a trail",
    async run({ open }) {
      const store = await open();
      for (const tenant of ["a", "b", "c"]) await store.append(sampleEntries(store, 2, { tenant }));
      const outside = [
        -1,
        -2,
        2,
        3,
        2 ** 31,
        2 ** 32,
        2 ** 32 + 1,
        2 * 2 ** 32,
        -(2 ** 32),
        1 - 2 ** 32,
        Number.MAX_SAFE_INTEGER - 1,
      ];
      for (const from of outside) assert.deepEqual(await store.read("b", from, from + 1), [], `position ${from}`);
      assert.equal((await store.read("b", 0, 2 ** 33)).length, 2, "a range that ends behind the trail ends with it");
      assert.equal((await store.read("b", 1, Number.MAX_SAFE_INTEGER)).length, 1);
      assert.deepEqual(await store.read("b", 1, 1), []);
      assert.deepEqual(await store.read("b", 2, 0), []);
    },
  },
  {
    name: "keeps tenants apart whose names are nearly the same, and lists them in order",
    async run({ open }) {
      const store = await open();
      for (const [index, tenant] of oddTenants.entries())
        await store.append(sampleEntries(store, (index % 3) + 1, { tenant }));
      const heads = await store.listTrails();
      assert.deepEqual(
        heads.map(({ tenant }) => tenant),
        [...oddTenants].sort(),
      );
      for (const [index, tenant] of oddTenants.entries()) {
        const head = heads.find((candidate) => candidate.tenant === tenant)!;
        assert.equal(head.size, (index % 3) + 1, tenant);
        assert.equal(head.origin, trailOrigin(store.origin, tenant));
      }
      assert.equal(new Set(heads.map(({ origin }) => origin)).size, oddTenants.length, "origins differ");
    },
  },
  {
    name: "refuses a cursor that another tenant was given",
    async run({ open }) {
      const store = await open();
      for (const tenant of ["a", "b"]) await store.append(sampleEntries(store, 3, { tenant }));
      const { next } = await store.page({ tenant: "a", query: everything, order, limit: 1 });
      await assertRejects(
        "another tenant's cursor",
        () => store.page({ tenant: "b", query: everything, order, limit: 1, cursor: next! }),
        "CURSOR_INVALID",
      );
    },
  },
];
