/**
 * Runs the habit bot: with BOT_TOKEN on the real Telegram, without it on a local one with a chat page.
 * HABIT_BOT_FILE says where its file is, HABIT_BOT_ZONE where its days begin, AUDITRAIL_STORE a Postgres database for the trail.
 */

import { defaultToken, laterUpdateIds, startLocalTelegram } from "auditrail-local-telegram";

import { startHabitBot } from "./bot/start-habit-bot.ts";
import { trailAddress } from "./open-world.ts";

const { BOT_TOKEN, HABIT_BOT_FILE: file = "habit-bot.db", HABIT_BOT_ZONE: zone = "UTC" } = process.env;
const local =
  BOT_TOKEN === undefined
    ? await startLocalTelegram({
        port: Number(process.env["PORT"] ?? 8081),
        firstUpdateId: laterUpdateIds(),
        bots: [{ token: defaultToken, name: "Habit bot", username: "habit_bot" }],
      })
    : undefined;
const trailAt = trailAddress();
const bot = await startHabitBot({
  ...{ file, trailAt, zone, token: BOT_TOKEN ?? defaultToken },
  ...(local === undefined ? {} : { apiRoot: local.url }),
});
process.stdout.write(
  `The habit bot runs. ${local === undefined ? "Talk to it in Telegram." : `Talk to it at ${local.url}`}\n` +
    (trailAt === undefined
      ? `What it records is in ${file}: npx auditrail serve --store ${file}, or npx auditrail tail --store ${file}\n`
      : "What it records is where AUDITRAIL_STORE says: npx auditrail serve, or npx auditrail tail\n"),
);

let closing = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (closing) return;
    closing = true;
    void bot.close().then(() => local?.close());
  });
}
