/** What people do with the habit bot: each kind of interaction once, and in the end everything is as it was. */

import type { Answer, Person } from "auditrail-local-telegram";

/** Says something that begins with a slash or is an answer, or presses the button that begins so: `▸Confirm`. */
const day = [
  ...["/start", "/habit_done", "▸Run", "/streaks", "/my_rewards", "/list_rewards"],
  ...["/revert_habit", "▸Run ·", "▸✅ Confirm"],
  ...["/edit_habit", "▸Run", "▸Weight", "20"],
  ...["/settings", "▸🎲 Luck", "a lot", "/cancel"],
  ...["/backdate", "▸Run", "▸✖ Cancel", "/help"],
];

export const updatesOfADay = day.length;

/** A habit and a reward, so that there is something to talk of. */
export async function settleIn(person: Person): Promise<void> {
  await act(person, ["/start", "/add_habit", "Run", "10", "health", "▸✅ Confirm"]);
  await act(person, ["/add_reward", "Cinema", "1", "5", "2.50", "-", "▸Again and again"]);
}

export const liveADay = (person: Person): Promise<void> => act(person, day);

async function act(person: Person, doings: readonly string[]): Promise<void> {
  let shown: Answer | undefined;
  for (const doing of doings)
    shown = await (doing.startsWith("▸") ? press(person, shown!, doing.slice(1)) : person.says(doing));
}

function press(person: Person, { messages }: Answer, label: string): Promise<Answer> {
  const message = messages.at(-1);
  const button = message?.reply_markup?.inline_keyboard.flat().find(({ text }) => text.startsWith(label));
  if (message === undefined || button?.callback_data === undefined)
    throw new Error(`There is no button ${label} under ${JSON.stringify(message?.text)}.`);
  return person.pressesButton({ label, data: button.callback_data, messageId: message.message_id });
}
