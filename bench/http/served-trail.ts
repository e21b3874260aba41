/** The audit server as a process of its own, so that what is measured is not what measures; on one core where the system can pin it. */

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const password = "correct horse battery";

/** What the child says once it listens. */
export interface Listening {
  readonly url: string;
  readonly setUpToken: string;
}

export interface Usage {
  /** All threads of the server, since it began. */
  readonly cpuSeconds: number;
  /** After collecting garbage. */
  readonly heapUsed: number;
  readonly rss: number;
}

export interface ServedTrail {
  readonly url: string;
  /** Headers of an API key that reads, writes and measures. */
  readonly headers: Readonly<Record<string, string>>;
  /** The administrator's, who is an auditor as well. */
  readonly cookie: string;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

const taskset = "/usr/bin/taskset";
export const canPin = existsSync(taskset);

/** Serves the trail in `file`; on core 0 alone where `pinned`. */
export async function serveTrail(file: string, pinned: boolean, more: readonly string[] = []): Promise<ServedTrail> {
  const program = [process.execPath, "--expose-gc", join(import.meta.dirname, "serve-child.ts"), file, ...more];
  const [command, ...words] = pinned && canPin ? [taskset, "-c", "0", ...program] : program;
  const child = spawn(command!, words, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { url, setUpToken } = await answerOf<Listening>(child);
  const cookieAndToken = await setUp(url, setUpToken);
  const key = await makeKey(url, cookieAndToken);
  return {
    url,
    headers: { authorization: `Bearer ${key}` },
    cookie: cookieAndToken.cookie,
    usage: () => {
      child.send("usage");
      return answerOf<Usage>(child);
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.send("close");
      await ended;
    },
  };
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`The server ended with ${code}.`));
    child.once("exit", fail);
    child.once("message", (message) => {
      child.off("exit", fail);
      resolve(message as Answer);
    });
  });
}

async function setUp(url: string, token: string) {
  const response = await fetch(`${url}/api/v1/set-up`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: "bench", password, roles: ["administrator", "auditor"] }),
  });
  const { csrfToken } = (await response.json()) as { csrfToken: string };
  return { cookie: response.headers.get("set-cookie")!.split(";", 1)[0]!, csrfToken };
}

async function makeKey(url: string, { cookie, csrfToken }: { cookie: string; csrfToken: string }): Promise<string> {
  const response = await fetch(`${url}/api/v1/keys`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-auditrail-csrf": csrfToken, cookie },
    body: JSON.stringify({ label: "bench", scopes: ["entries:read", "events:write", "metrics:read"] }),
  });
  return ((await response.json()) as { secret: string }).secret;
}
