import type { RunningRequest } from "./audit-request.ts";

/** Node's `ServerResponse`, as far as it is used; also that of HTTP/2, which has no `writableFinished`. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  once(event: "finish" | "close", listener: () => void): unknown;
}

/** Sets the answer's headers, and ends the request when the answer is out or the client is gone. */
export function watchResponse(
  response: NodeResponse,
  request: RunningRequest,
  thrown: () => { readonly error: unknown } | undefined,
): void {
  for (const [name, value] of request.answerHeaders) response.setHeader(name, value);
  response.once("finish", () => request.end({ status: response.statusCode, thrown: thrown() }));
  // After an answer that went out whole this comes second, and nothing is left to do.
  response.once("close", () =>
    request.end({ status: response.headersSent ? response.statusCode : undefined, aborted: true, thrown: thrown() }),
  );
}
