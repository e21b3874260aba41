/** An error as Telegram answers it: `{ ok: false, error_code, description, parameters }`. */
export class BotApiError extends Error {
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, description: string, retryAfterSeconds?: number) {
    super(description);
    this.name = "BotApiError";
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const badRequest = (problem: string): BotApiError => new BotApiError(400, `Bad Request: ${problem}`);
export const forbidden = (problem: string): BotApiError => new BotApiError(403, `Forbidden: ${problem}`);
export const conflict = (problem: string): BotApiError => new BotApiError(409, `Conflict: ${problem}`);
export const tooMany = (seconds: number): BotApiError =>
  new BotApiError(429, `Too Many Requests: retry after ${seconds}`, seconds);
