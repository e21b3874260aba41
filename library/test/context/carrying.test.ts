/** Where a context goes by itself, and where it is taken along. */

import { EventEmitter, once } from "node:events";
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Worker } from "node:worker_threads";

import { expect, test } from "vitest";

import {
  bindContext,
  currentContext,
  resumeContext,
  runWithContext,
  runWithoutContext,
  serializeContext,
} from "../../src/context/context.ts";

const ida = { actor: { type: "user", id: "ida" } };
const idOfActor = () => currentContext().actor?.id;

test("contexts nest: what the inner one names replaces, where it came from is merged, and both end with their function", () => {
  const inside = runWithContext({ ...ida, tenant: "a", context: { source: "http", ip: "192.0.2.1" } }, () =>
    runWithContext({ actor: { type: "job", id: "7" }, context: { route: "/orders" }, reason: "T-1" }, () =>
      currentContext(),
    ),
  );
  expect(inside).toEqual({
    actor: { type: "job", id: "7" },
    tenant: "a",
    reason: "T-1",
    context: { source: "http", ip: "192.0.2.1", route: "/orders" },
  });
  expect(currentContext()).toEqual({});
  expect(() =>
    runWithContext(ida, () => {
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expect(currentContext()).toEqual({});
});

test("a context goes along with timers, microtasks and promises", async () => {
  const seen = await runWithContext(ida, async () => {
    const found = [idOfActor()];
    await sleep(1);
    found.push(idOfActor());
    await new Promise<void>((resolve) => setImmediate(() => (found.push(idOfActor()), resolve())));
    await new Promise<void>((resolve) => process.nextTick(() => (found.push(idOfActor()), resolve())));
    queueMicrotask(() => found.push(idOfActor()));
    await Promise.all([sleep(2), Promise.resolve()]);
    return found;
  });
  expect(seen).toEqual(["ida", "ida", "ida", "ida", "ida"]);
});

test("a context goes along through streams", async () => {
  const seen = new Set<string | undefined>();
  const watching = new Transform({
    transform(chunk, _, done) {
      seen.add(idOfActor());
      done(null, chunk);
    },
  });
  await runWithContext(ida, async () => {
    await pipeline(
      createReadStream(import.meta.filename),
      watching,
      async function* (source) {
        for await (const chunk of source) {
          seen.add(idOfActor());
          yield chunk as Buffer;
        }
      },
      (source) => Readable.from(source).resume(),
    );
  });
  expect([...seen]).toEqual(["ida"]);
});

test("a listener that is bound keeps its context and its emitter, whoever emits", async () => {
  const emitter = new EventEmitter();
  const seen: unknown[] = [];
  runWithContext(ida, () => {
    emitter.on(
      "event",
      bindContext(function (this: EventEmitter, value: number) {
        seen.push([idOfActor(), value, this === emitter]);
      }),
    );
  });
  runWithContext({ actor: { type: "user", id: "somebody else" } }, () => emitter.emit("event", 1));
  emitter.emit("event", 2);
  expect(seen).toEqual([
    ["ida", 1, true],
    ["ida", 2, true],
  ]);
});

test("a pool that runs jobs of many requests keeps each to its own context when they are bound", async () => {
  const jobs: (() => Promise<void>)[] = [];
  const seen: string[] = [];
  for (const id of ["a", "b", "c", "d"]) {
    runWithContext({ actor: { type: "user", id } }, () => {
      jobs.push(
        bindContext(async () => {
          await sleep(Math.random() * 5);
          seen.push(`${id}=${idOfActor()}`);
        }),
      );
    });
  }
  await Promise.all(
    [0, 1].map(async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
    }),
  );
  expect(seen.toSorted()).toEqual(["a=a", "b=b", "c=c", "d=d"]);
});

test("a thousand interleaved requests never mix", async () => {
  const request = async (id: string): Promise<boolean> => {
    for (let step = 0; step < 5; step += 1) {
      await (step % 2 === 0 ? sleep(Math.random() * 4) : new Promise(setImmediate));
      const inner = await runWithContext(
        { operationId: `${id}/${step}` },
        async () => (await sleep(0), currentContext()),
      );
      if (idOfActor() !== id || inner.actor?.id !== id || inner.operationId !== `${id}/${step}`) return false;
    }
    return currentContext().operationId === undefined;
  };
  const requests = Array.from({ length: 1_000 }, (_, index) =>
    runWithContext({ actor: { type: "user", id: String(index) } }, () => request(String(index))),
  );
  expect((await Promise.all(requests)).every(Boolean)).toBe(true);
});

test("a context travels as text, into another process or thread", async () => {
  const full = {
    ...ida,
    tenant: "a",
    onBehalfOf: [{ type: "agent", id: "x" }],
    context: { source: "http", requestId: "r1" },
    reason: "T-1",
    operationId: "o",
    causationId: "c",
    correlationId: "k",
  } as const;
  const text = runWithContext(full, () => serializeContext());
  expect(resumeContext(text, () => currentContext())).toEqual(full);
  expect(runWithContext({ tenant: "b" }, () => resumeContext(serializeContext(), () => currentContext()))).toEqual({
    tenant: "b",
  });
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { context: text } });
  const [received] = (await once(worker, "message")) as [unknown];
  expect(received).toEqual(full);
  await worker.terminate();
});

test("resuming keeps nothing of the context that is in force", () => {
  const text = runWithContext({ tenant: "a" }, () => serializeContext());
  expect(runWithContext(ida, () => resumeContext(text, () => currentContext()))).toEqual({ tenant: "a" });
  expect(runWithContext(ida, () => runWithoutContext(() => currentContext()))).toEqual({});
});

test.for(["", "null", "5", "[]", "{}", '{"auditrail":2}', '{"auditrail":1,"actr":{}}', "{"])(
  "the text %j is not resumed",
  (text) => {
    expect(() => resumeContext(text, () => undefined)).toThrow(expect.objectContaining({ code: "CONTEXT_INVALID" }));
  },
);

test("two copies of the module share one context", async () => {
  const copy = (await import(
    "../../src/context/context.ts?copy" as string
  )) as typeof import("../../src/context/context.ts");
  expect(copy.currentContext).not.toBe(currentContext);
  expect(runWithContext(ida, () => copy.currentContext())).toEqual(ida);
  expect(copy.runWithContext(ida, () => idOfActor())).toBe("ida");
});
