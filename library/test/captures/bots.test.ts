/** What every capture of a bot framework must do, with the real grammY and the real Telegraf. */

import { Bot, Composer } from "grammy";
import { Telegraf } from "telegraf";
import { afterEach, describe, expect, test } from "vitest";

import { auditBot, botLog, updateOf } from "../../src/capture/grammy/index.ts";
import { auditBot as auditTelegraf } from "../../src/capture/telegraf/index.ts";
import { action, defineCatalogue, openTrail } from "../../src/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { createTestTrail, expectAudit, failBeforeAppend, holdAppends } from "../../src/testing/index.ts";
import { startLocalTelegram } from "../../../examples/local-telegram/server.ts";
import { dieInGrammy, dieInTelegraf, failure, startGrammy, startTelegraf, type RunningBot, type Work } from "./bots.ts";

const brewed = action({ op: "create", says: "{actor} brewed {target}" });
const catalogue = defineCatalogue(botLog({ actions: { brewed } }));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function openTestTrail() {
  const trail = await createTestTrail(catalogue);
  closing.push(() => trail.close());
  return trail;
}

type TestTrail = Awaited<ReturnType<typeof openTestTrail>>;

describe.each([
  ["grammY", "grammy", startGrammy, dieInGrammy],
  ["Telegraf", "telegraf", startTelegraf, dieInTelegraf],
] as const)("%s", (_, listedBy, start, die) => {
  const run = async (trail: Parameters<typeof start>[0], work: Work = {}): Promise<RunningBot> => {
    const bot = await start(trail, work);
    closing.push(() => bot.close());
    return bot;
  };
  const set = async (work: (trail: TestTrail) => Work = () => ({})) => {
    const trail = await openTestTrail();
    const bot = await run(trail, work(trail));
    return { trail, bot, ana: bot.telegram.person("Ana") };
  };

  test("a command is recorded with who, where, the handler and how long it took", async () => {
    const { trail, ana } = await set();
    expect((await ana.says("/start")).text).toBe("Tea?");
    const { event } = await expectAudit(trail).toHave("bot.command", {
      outcome: "success",
      actor: { type: "user", id: "1001", name: "Ana Pop" },
      data: { command: "/start", handler: "handleStart", chat: { id: "1001", type: "private" } },
      context: { source: "bot", route: "/start", requestId: "1" },
    });
    expect(event.durationMs).toBeGreaterThan(0);
  });

  test("what handlers record are children of the update: one operation, one cause, one actor, one route", async () => {
    const { trail, ana } = await set((into) => ({
      tea: () => into.record("bot.brewed", { target: { type: "cup", id: "7" } }),
    }));
    await ana.says("/start");
    await ana.presses("Tea");
    const parent = await expectAudit(trail).toHave("bot.button", {
      data: { button: "tea:7", handler: "makeTea" },
      context: { route: "button tea:<cup>" },
    });
    await expectAudit(trail).toHave("bot.brewed", {
      operationId: parent.event.operationId!,
      causationId: parent.event.id,
      actor: { id: "1001" },
      context: { source: "bot", route: "button tea:<cup>" },
    });
  });

  test("an update that is told again after a crash is one operation of two events, each the cause of what it did", async () => {
    const trail = await openTestTrail();
    const work = {
      telegram: await startLocalTelegram(),
      start: () => trail.record("bot.brewed", { target: { type: "cup", id: "7" } }),
    };
    const said = work.telegram.person("Ana").says("/start");
    await die(trail, work);
    await run(trail, work);
    await said;
    await trail.flush();
    const { entries } = await trail.query("operation:telegram/1/1", { order: { by: "time", direction: "oldest" } });
    const of = (name: string) => entries.flatMap(({ event }) => (event.action === name ? [event] : []));
    const told = of("bot.command").map(({ id }) => id);
    expect(new Set(told).size).toBe(2);
    expect(of("bot.brewed").map(({ causationId }) => causationId)).toEqual(told);
  });

  test("a handler's error is recorded without its secrets, and thrown on as it came", async () => {
    const { trail, bot, ana } = await set();
    await ana.says("/start");
    expect((await ana.presses("Fail")).text).toBe("Sorry, that did not work.");
    expect(bot.caught).toEqual([failure]);
    const { event } = await expectAudit(trail).toHave("bot.button", {
      outcome: "failure",
      error: { name: "Error", message: /^the kettle is broken/ },
      data: { button: "fail" },
    });
    expect(event.error?.stack).toContain("bots.ts");
    expect(JSON.stringify(event)).not.toContain("hunter2");
  });

  test("of a text the fact is kept and not the text; a step of a conversation has its name", async () => {
    const { trail, ana } = await set();
    await ana.says("my diary");
    await ana.says("large");
    await expectAudit(trail).toHave("bot.message", { data: { content: "text" }, context: { route: /^on / } });
    await expectAudit(trail).toHave("bot.message", { context: { route: "step order/size" } });
    for await (const { event } of trail.entries("")) expect(JSON.stringify(event)).not.toMatch(/diary|large/);
  });

  test("the text is kept as the person's own data where the catalogue says so", async () => {
    const trail = await createTestTrail(defineCatalogue(botLog({ text: true })));
    closing.push(() => trail.close());
    const bot = await run(trail);
    await bot.telegram.person("Ana").says("my diary");
    const { event } = await expectAudit(trail).toHave("bot.message", { data: { text: "my diary" } });
    expect(event.sealed?.some(({ subject, paths }) => subject === "user/1001" && paths.includes("/data/text"))).toBe(
      true,
    );
  });

  test("a command that nobody handles is what somebody typed: it is recorded without its name", async () => {
    const { trail, ana } = await set();
    await ana.says("/hunter2");
    await expectAudit(trail).toHave("bot.command", { data: { command: "unknown" } });
  });

  test("every update is recorded, of any kind", async () => {
    const { trail, ana } = await set();
    await ana.says("/start");
    await ana.blocks();
    await expectAudit(trail).toHave("bot.update", {
      data: { type: "my_chat_member" },
      context: { route: "my_chat_member" },
    });
  });

  test("the inventory lists handlers by the names that stand in the events, with how often they ran", async () => {
    const { bot, ana } = await set();
    await ana.says("/start");
    await ana.presses("Tea");
    await ana.presses("Tea");
    await ana.says("large");
    const item = (kind: string, name: string, runs: number) => ({ kind, name, listedBy, captured: true, runs });
    expect(bot.inventory()).toEqual([
      item("step", "step order/size", 1),
      item("command", "/start", 1),
      item("button", "button tea:<cup>", 2),
      item("button", "button fail", 0),
      item("text", "text large", 0),
      item("update", expect.stringMatching(/^on (message:)?text$/) as string, 0),
    ]);
  });

  test("the bot answers while the store refuses everything, and what could not be kept is counted", async () => {
    const store = failBeforeAppend(openMemoryStore(), "STORE_FULL");
    const trail = await openTrail({ catalogue, store, exitHooks: false });
    store.fail();
    const bot = await run(trail);
    const ana = bot.telegram.person("Ana");
    expect((await ana.says("/start")).text).toBe("Tea?");
    expect((await ana.presses("Tea")).popups).toEqual(["On its way"]);
    expect(bot.caught).toEqual([]);
    await trail.flush();
    expect(trail.health()).toMatchObject({ state: "degraded", lost: 2 });
    store.mend();
    await trail.close();
  });

  test("the bot answers while the store takes its time, buffered or durable", async () => {
    for (const guarantee of ["buffered", "durable"] as const) {
      const store = holdAppends(openMemoryStore());
      const slow = await openTrail({ catalogue: defineCatalogue(botLog({ guarantee })), store, exitHooks: false });
      const bot = await run(slow);
      expect((await bot.telegram.person("Ana").says("/start")).text).toBe("Tea?");
      expect(slow.health()).toMatchObject({ waiting: 1, recorded: 0 });
      store.release();
      await slow.close();
    }
  });

  test("a trail that was closed does not stop the bot", async () => {
    const { trail, bot, ana } = await set();
    await trail.close();
    expect((await ana.says("/start")).text).toBe("Tea?");
    expect(bot.caught).toEqual([]);
    expect(trail.health().refused).toBe(1);
  });
});

describe("the inventory", () => {
  const namesOf = (items: readonly { name: string; captured: boolean; problem?: string }[]) =>
    items.map(({ name, captured, problem }) => [name, captured, problem ?? ""]);

  test("tells handlers that stand before the capture, and those that were registered before it was made", async () => {
    const trail = await openTestTrail();
    const bot = new Bot("1:x");
    bot.command("hidden", () => undefined);
    const capture = auditBot(trail, { bot });
    bot.command("early", () => undefined);
    bot.use(capture);
    bot.command(["late", "later"], () => undefined);
    bot.filter(() => true).callbackQuery("nested", () => undefined);
    expect(namesOf(capture.inventory())).toEqual([
      ["handlers before the capture", false, "handlers were registered before the capture was made: make it first"],
      ["/early", false, ""],
      ["/late", true, ""],
      ["/later", true, ""],
      ["button nested", true, ""],
    ]);
  });

  test("tells composers that it could not look into, and lists those it was shown", async () => {
    const trail = await openTestTrail();
    const bot = new Bot("1:x");
    const capture = auditBot(trail, { bot });
    bot.use(capture);
    const [shown, hidden] = [capture.watch(new Composer()), new Composer()];
    shown.command("shown", () => undefined);
    hidden.command("hidden", () => undefined);
    bot.use(shown, hidden);
    expect(namesOf(capture.inventory())).toEqual([
      ["/shown", true, ""],
      ["composer 2", true, "it was filled before it was used: give it to auditBot().watch() first"],
    ]);
  });

  const update = { update_id: 1, poll_answer: { user: { id: 5, is_bot: false, first_name: "Ana" } } };
  const me = { id: 1, is_bot: true, first_name: "b", username: "b" };

  test.each([
    ["grammY", () => new Bot("1:x", { botInfo: me as never }), auditBot],
    ["Telegraf", () => Object.assign(new Telegraf("1:x"), { botInfo: me as never }), auditTelegraf],
  ] as const)(
    "lists plain middleware of %s once it was the handler, and not what passes updates on",
    async (_, make, audit) => {
      const trail = await openTestTrail();
      const bot = make() as Bot;
      const capture = (audit as typeof auditBot)(trail, { bot });
      let early = false;
      bot.use(function keepEarly(_ctx, next) {
        return early ? undefined : next();
      });
      bot.use(capture);
      bot.use((_ctx, next) => next());
      bot.use(function takeAll() {});
      expect(capture.inventory()).toEqual([]);
      await bot.handleUpdate(update as never);
      early = true;
      await bot.handleUpdate(update as never);
      expect(namesOf(capture.inventory())).toEqual([
        ["use takeAll", true, ""],
        ["use keepEarly", false, ""],
      ]);
      expect(capture.inventory().map(({ runs }) => runs)).toEqual([1, 1]);
      await expectAudit(trail).toHaveExactly([
        ["bot.update", { data: { handler: "takeAll" }, context: { route: "use takeAll" } }],
      ]);
    },
  );

  test("the same in Telegraf, whose methods answer the bot itself", async () => {
    const trail = await openTestTrail();
    const bot = new Telegraf("1:x");
    const capture = auditTelegraf(trail, { bot });
    bot
      .help(() => undefined)
      .use(capture)
      .action(["a", /^b:(\d+)$/], () => undefined);
    expect(namesOf(capture.inventory())).toEqual([
      ["/help", false, ""],
      ["button a", true, ""],
      ["button b:<…>", true, ""],
    ]);
  });
});

describe("the capture", () => {
  const context = { update: { update_id: 1, message: { text: "x" } }, me: { username: "b" } };

  test("says at once that the catalogue lacks its log", async () => {
    const trail = await createTestTrail(defineCatalogue());
    expect(() => auditBot(trail as never)).toThrow(expect.objectContaining({ code: "ACTION_UNKNOWN" }));
    expect(() => auditBot(trail as never, { steps: [], bod: 1 } as never)).toThrow(/Did you mean "bot"/);
    await trail.close();
  });

  test("takes updates of any shape", async () => {
    const trail = await openTestTrail();
    const capture = auditBot(trail);
    const strange = [{}, { update_id: "x" }, { update_id: 1, message: null }, { update_id: 2, message: 7 }];
    const more = [
      { update_id: 3, callback_query: { game_short_name: "g" } },
      { update_id: 4, poll_answer: { user: { id: 5 } } },
    ];
    for (const update of [...strange, ...more]) await capture({ update, me: {} }, () => Promise.resolve());
    await expectAudit(trail).toHaveCount("bot.update", 4);
    await expectAudit(trail).toHave("bot.update", { actor: { type: "user", id: "5" }, data: { type: "poll_answer" } });
    expect(trail.health().refused).toBe(0);
  });

  test("takes who acts from the application, and Telegram's word where that fails", async () => {
    const trail = await openTestTrail();
    const actor = { type: "member", id: "m-1" };
    await auditBot(trail, { actor: () => actor })(context, () => Promise.resolve());
    const failing = auditBot(trail, {
      actor: () => {
        throw new Error("no session");
      },
    });
    await failing(context, () => Promise.resolve());
    await expectAudit(trail).toHaveExactly([
      ["bot.message", { actor }],
      ["bot.message", { actor: { type: "telegram" } }],
    ]);
  });

  test("takes whose trail it is from the application", async () => {
    const trail = await openTestTrail();
    await auditBot(trail, { tenant: () => "north" })(context, () => Promise.resolve());
    await expectAudit(trail, { tenant: "north" }).toHaveCount("bot.message", 1);
    await expectAudit(trail).toBeEmpty();
  });

  test("lets handlers say more about their update, and only those it has seen", async () => {
    const trail = await openTestTrail();
    const target = { type: "cup", id: "7" };
    await auditBot(trail)(context, async () => updateOf(context).set({ target, reason: "thirst" }));
    await expectAudit(trail).toHave("bot.message", { target, reason: "thirst" });
    expect(() => updateOf({})).toThrow(expect.objectContaining({ code: "CONTEXT_INVALID" }));
    expect(() => updateOf(context).enterStep("")).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  });
});
