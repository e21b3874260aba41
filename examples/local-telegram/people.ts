import type { User } from "./types.ts";

/** Who can be chosen on the chat page. Their languages are those that bots here speak. */
export const defaultPeople: readonly User[] = [
  { id: 1001, is_bot: false, first_name: "Ana", last_name: "Pop", username: "ana_pop", language_code: "en" },
  { id: 1002, is_bot: false, first_name: "Иван", last_name: "Петров", username: "ivan_p", language_code: "ru" },
  { id: 1003, is_bot: false, first_name: "Айгерім", username: "aigerim", language_code: "kk" },
  { id: 1004, is_bot: false, first_name: "李伟", language_code: "en" },
];
