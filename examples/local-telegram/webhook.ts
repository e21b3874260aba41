import { setTimeout as sleep } from "node:timers/promises";

import type { Parameters, Update } from "./types.ts";
import type { UpdateQueue } from "./update-queue.ts";

export interface Webhook {
  readonly url: string;
  readonly lastError: string | undefined;
  stop(): void;
}

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string | undefined;
  readonly queue: UpdateQueue;
  /** A bot may answer the webhook with the call of a method. */
  readonly call: (method: string, parameters: Parameters) => unknown;
}

const firstRetryMs = 50;
const slowestRetryMs = 5_000;

/** Delivers updates one after the other; what is not answered with 2xx is sent again, as Telegram does. */
export function startWebhook({ url, secret, queue, call }: WebhookOptions): Webhook {
  const stopping = new AbortController();
  const { signal } = stopping;
  let lastError: string | undefined;
  const deliver = async (update: Update): Promise<void> => {
    const headers = {
      "content-type": "application/json",
      ...(secret === undefined ? {} : { "x-telegram-bot-api-secret-token": secret }),
    };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(update), signal });
    const text = await response.text();
    if (!response.ok) throw new Error(`Wrong response from the webhook: ${response.status} ${response.statusText}`);
    queue.confirm(update.update_id);
    answerWith(text, call);
  };
  const run = async (): Promise<void> => {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const update = await queue.next(signal);
      try {
        await deliver(update);
        [lastError, retryMs] = [undefined, firstRetryMs];
      } catch (error) {
        lastError = (error as Error).message;
        await sleep(retryMs, undefined, { signal });
        retryMs = Math.min(retryMs * 2, slowestRetryMs);
      }
    }
  };
  run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    url,
    get lastError() {
      return lastError;
    },
    stop: () => stopping.abort(),
  };
}

function answerWith(text: string, call: WebhookOptions["call"]): void {
  if (!text.startsWith("{")) return;
  const { method, ...parameters } = JSON.parse(text) as { readonly method?: string };
  if (method !== undefined) call(method, parameters);
}
