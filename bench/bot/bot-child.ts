/** Run by bot-process.ts: `bot-child.ts FILE API_ROOT on|off`. Speaks with its parent by messages. */

import { startHabitBot } from "auditrail-example-habit-bot";
import { defaultToken } from "auditrail-local-telegram";

const [file, apiRoot, capture] = process.argv.slice(2);
const bot = await startHabitBot({
  ...{ file: file!, token: defaultToken, apiRoot: apiRoot!, capture: capture === "on" },
});

process.on("message", (message) => {
  if (message === "usage") {
    const [{ user, system }, { recorded }] = [process.cpuUsage(), bot.trail.health()];
    process.send!({ cpuMicros: user + system, recorded });
    return;
  }
  void bot.close().then(() => process.disconnect());
});
// Whoever measures may have been interrupted.
process.once("disconnect", () => process.exit());
process.send!("started");
