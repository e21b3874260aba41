import type { IncomingMessage } from "node:http";

import { Hono, type Context } from "hono";

import { BotApiError } from "./bot-api-error.ts";
import type { LocalBot } from "./bot.ts";
import { callMethod } from "./methods.ts";
import type { Parameters } from "./types.ts";

/** A failure that the next calls of a method get instead of an answer; `drop` ends the connection without one. */
export interface ScriptedFailure {
  readonly code: number | "drop";
  readonly description?: string;
  readonly retryAfterSeconds?: number;
  /** How many calls fail; 1 unless said. */
  readonly times?: number;
}

/** One call of a method, as the bot made it. */
export interface Call {
  readonly method: string;
  readonly parameters: Parameters;
}

export interface BotApi {
  readonly routes: Hono;
  readonly calls: readonly Call[];
  failNext(method: string, failure: ScriptedFailure): void;
}

/** `/bot<token>/<method>`: GET or POST, JSON or a form, as the Bot API takes them. */
export function createBotApi(bots: ReadonlyMap<string, LocalBot>): BotApi {
  const calls: Call[] = [];
  const failures = new Map<string, { failure: ScriptedFailure; left: number }>();
  const takeFailure = (method: string): ScriptedFailure | undefined => {
    const scripted = failures.get(method);
    if (scripted === undefined) return undefined;
    scripted.left -= 1;
    if (scripted.left <= 0) failures.delete(method);
    return scripted.failure;
  };
  const answer = async (context: Context, token: string, method: string): Promise<Response> => {
    const bot = bots.get(token);
    if (bot === undefined) throw new BotApiError(401, "Unauthorized");
    const parameters = await readParameters(context);
    // A bot asks for updates all the time; that is not what it does.
    if (method !== "getUpdates") calls.push({ method, parameters });
    const failure = takeFailure(method);
    if (failure?.code === "drop") return dropConnection(context);
    if (failure !== undefined) {
      const { code, description = "scripted failure", retryAfterSeconds } = failure;
      throw new BotApiError(code as number, description, retryAfterSeconds);
    }
    const result = await callMethod(bot, method, parameters, context.req.raw.signal);
    return context.json({ ok: true, result });
  };
  const routes = new Hono();
  routes.all("/:bot{bot[^/]+}/:method", async (context) => {
    try {
      return await answer(context, context.req.param("bot").slice("bot".length), context.req.param("method"));
    } catch (error) {
      return errorAnswer(error);
    }
  });
  return {
    routes,
    calls,
    failNext: (method, failure) => failures.set(method, { failure, left: failure.times ?? 1 }),
  };
}

function errorAnswer(error: unknown): Response {
  const known = error instanceof BotApiError ? error : new BotApiError(500, "Internal Server Error");
  const retry = known.retryAfterSeconds;
  const body = {
    ok: false,
    error_code: known.code,
    description: known.message,
    ...(retry === undefined ? {} : { parameters: { retry_after: retry } }),
  };
  return Response.json(body, { status: known.code });
}

/** No answer at all: the client sees a connection that was cut. */
function dropConnection(context: Context): Response {
  const { incoming } = context.env as { readonly incoming: IncomingMessage };
  incoming.socket.destroy();
  return context.body(null);
}

async function readParameters(context: Context): Promise<Parameters> {
  const query = context.req.query();
  if (context.req.method !== "POST") return query;
  const type = context.req.header("content-type") ?? "";
  if (type.includes("json")) return { ...query, ...(await context.req.json<Parameters>().catch(() => ({}))) };
  if (!type.includes("form")) return query;
  const form = await context.req.formData();
  const files = [...form.entries()].filter(([, value]) => typeof value !== "string");
  const parameters: Record<string, unknown> = { ...query, ...Object.fromEntries(form.entries()) };
  // `attach://name` stands for the file that the form has under that name.
  for (const [name, file] of files)
    for (const [key, value] of Object.entries(parameters)) if (value === `attach://${name}`) parameters[key] = file;
  return parameters;
}
