/** The Bot API's objects as they travel: https://core.telegram.org/bots/api, the part that bots with chats and keyboards use. */

export interface User {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
}

export interface Chat {
  readonly id: number;
  readonly type: "private";
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
}

export interface InlineButton {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
}

export interface InlineKeyboard {
  readonly inline_keyboard: readonly (readonly InlineButton[])[];
}

/** The keyboard that stands in for the text field, or the order to take it away. */
export interface ReplyKeyboard {
  readonly keyboard?: readonly (readonly ({ readonly text: string } | string)[])[];
  readonly one_time_keyboard?: boolean;
  readonly remove_keyboard?: true;
  readonly force_reply?: true;
}

export interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

export interface Document {
  readonly file_id: string;
  readonly file_unique_id: string;
  readonly file_name: string;
  readonly mime_type: string;
  readonly file_size: number;
}

export interface Message {
  readonly message_id: number;
  /** Seconds since 1970. */
  readonly date: number;
  readonly edit_date?: number;
  readonly chat: Chat;
  readonly from: User;
  readonly text?: string;
  readonly caption?: string;
  readonly document?: Document;
  readonly entities?: readonly Entity[];
  readonly reply_markup?: InlineKeyboard;
}

export interface CallbackQuery {
  readonly id: string;
  readonly from: User;
  readonly message: Message;
  readonly chat_instance: string;
  readonly data: string;
}

/** What happened in a chat, as a bot is told. */
export type UpdateBody =
  | { readonly message: Message }
  | { readonly callback_query: CallbackQuery }
  | { readonly my_chat_member: unknown };

export type Update = UpdateBody & { readonly update_id: number };

export interface Command {
  readonly command: string;
  readonly description: string;
}

/** What a chat shows that it did not before: to the page, and to a person of a test. */
export type ChatEvent =
  | { readonly kind: "sent" | "edited"; readonly message: Message }
  | { readonly kind: "deleted"; readonly message_id: number }
  | { readonly kind: "answered"; readonly text: string; readonly alert: boolean }
  | { readonly kind: "keyboard"; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "commands" };

/** What a method was called with: JSON, or a form whose members are texts and files. */
export type Parameters = Readonly<Record<string, unknown>>;
