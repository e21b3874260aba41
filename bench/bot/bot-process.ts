/** The habit bot as a process of its own, against a local Telegram in this one. */

import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import { startLocalTelegram, type Person, type User } from "auditrail-local-telegram";

export interface BotUsage {
  /** All threads of the bot's process, since it began. */
  readonly cpuMicros: number;
  /** Events that are on disk and came by `record()`. */
  readonly recorded: number;
}

export interface RunningBot {
  readonly people: readonly Person[];
  usage(): Promise<BotUsage>;
  close(): Promise<void>;
}

/** Starts a bot on a new file, with so many people to talk to it. */
export async function startBotProcess(file: string, capture: "on" | "off", howMany: number): Promise<RunningBot> {
  const users = Array.from({ length: howMany }, (_, index): User => {
    const first_name = `Person ${index + 1}`;
    return { id: 2000 + index, is_bot: false, first_name, language_code: "en" };
  });
  const telegram = await startLocalTelegram({ people: users, timeoutMs: 60_000 });
  const child = fork(join(import.meta.dirname, "bot-child.ts"), [file, telegram.url, capture]);
  await answerOf(child);
  return {
    people: users.map(({ first_name }) => telegram.person(first_name)),
    usage: () => {
      child.send("usage");
      return answerOf(child) as Promise<BotUsage>;
    },
    async close() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.send("close");
      await ended;
      await telegram.close();
    },
  };
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`The bot ended with ${code}.`));
    child.once("exit", fail);
    child.once("message", (message) => {
      child.off("exit", fail);
      resolve(message);
    });
  });
}
