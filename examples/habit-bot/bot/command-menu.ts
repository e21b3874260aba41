import type { Bot } from "grammy";

import { languages } from "../domain/people.ts";
import { say } from "../texts/texts.ts";
import type { HabitContext } from "./context.ts";

const commands = [
  ["habit_done", "button.done"],
  ["backdate", "button.backdate"],
  ["streaks", "button.streaks"],
  ["my_rewards", "button.my-rewards"],
  ["claim_reward", "menu.claim"],
  ["list_rewards", "button.list-rewards"],
  ["add_habit", "button.add-habit"],
  ["edit_habit", "button.edit-habit"],
  ["remove_habit", "button.remove-habit"],
  ["add_reward", "button.add-reward"],
  ["revert_habit", "button.revert"],
  ["settings", "button.settings"],
  ["help", "button.help"],
  ["cancel", "button.cancel"],
] as const;

/** The menu beside the text field, in each language. */
export async function commandMenu(bot: Bot<HabitContext>): Promise<void> {
  for (const language of languages) {
    const menu = commands.map(([command, key]) => ({ command, description: say(language, key) }));
    await bot.api.setMyCommands(menu, language === "en" ? {} : { language_code: language });
  }
}
