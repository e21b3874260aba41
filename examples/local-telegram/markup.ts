/** Keyboards and texts as a bot sends them: Telegram's limits, with Telegram's words. */

import { badRequest } from "./bot-api-error.ts";
import type { Entity, InlineButton, InlineKeyboard, Parameters, ReplyKeyboard } from "./types.ts";

const longestText = 4096;
const mostButtons = 100;

export function readText(parameters: Parameters, name = "text"): string {
  const text = typeof parameters[name] === "string" ? parameters[name] : "";
  if (text.trim() === "") throw badRequest("message text is empty");
  if (text.length > longestText) throw badRequest("message is too long");
  return text;
}

/** The keyboard under the message, or the one in place of the text field; none of them where the bot gave none. */
export function readMarkup({ reply_markup: given }: Parameters): {
  readonly inline?: InlineKeyboard;
  readonly reply?: ReplyKeyboard;
} {
  // In a form everything is a text.
  const markup: unknown = typeof given === "string" && given !== "" ? parseJson(given) : given;
  if (typeof markup !== "object" || markup === null) return {};
  if (!("inline_keyboard" in markup)) return { reply: markup };
  const { inline_keyboard: rows } = markup as InlineKeyboard;
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup should be an Array');
  const kept = (rows as InlineKeyboard["inline_keyboard"]).filter((row) => row.length > 0);
  const buttons = kept.flat();
  if (buttons.length > mostButtons) throw badRequest("reply markup is too long");
  for (const button of buttons) assertButton(button);
  return kept.length === 0 ? {} : { inline: { inline_keyboard: kept } };
}

function assertButton({ text, callback_data: data, url }: InlineButton): void {
  if (typeof text !== "string" || text === "") throw badRequest("text buttons are unallowed in the inline keyboard");
  if (data === undefined && url === undefined) throw badRequest("text buttons are unallowed in the inline keyboard");
  // 64 bytes, not characters: Cyrillic takes two for each.
  const bytes = Buffer.byteLength(data ?? "-");
  if (bytes < 1 || bytes > 64) throw badRequest("BUTTON_DATA_INVALID");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("can't parse reply keyboard markup JSON object");
  }
}

const commandPattern = /(?<=^|\s)\/[A-Za-z0-9_]{1,32}(@\w+)?/g;

/** Where a text names commands, as Telegram marks them for the bot. */
export function commandEntities(text: string): readonly Entity[] {
  return Array.from(text.matchAll(commandPattern), (match) => ({
    type: "bot_command",
    offset: match.index,
    length: match[0].length,
  }));
}
