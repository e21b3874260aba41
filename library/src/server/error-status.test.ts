import { expect, test } from "vitest";

import { errorCodes, type ErrorCode } from "../base/error-codes.ts";
import { errorStatus } from "./error-status.ts";

test.each<[number, readonly ErrorCode[]]>([
  [400, ["REQUEST_INVALID", "QUERY_INVALID", "CURSOR_INVALID"]],
  [401, ["SESSION_REQUIRED", "SIGN_IN_FAILED", "EMBED_INVALID"]],
  [403, ["ACCESS_DENIED", "REQUEST_FORGED", "QUERY_PERSONAL", "SET_UP_INVALID"]],
  [404, ["ROUTE_NOT_FOUND", "ENTRY_NOT_FOUND", "PERSON_NOT_FOUND", "KEY_NOT_FOUND", "SEARCH_NOT_FOUND"]],
  [405, ["METHOD_NOT_ALLOWED"]],
  [409, ["PERSON_EXISTS", "ID_CONFLICT"]],
  [413, ["REQUEST_TOO_LARGE", "EVENT_TOO_LARGE"]],
  [422, ["EVENT_INVALID", "ACTION_UNKNOWN"]],
  [429, ["SIGN_IN_DELAYED"]],
  [500, ["SERVER_FAILED", "STORE_CORRUPT"]],
  [503, ["TRAIL_OVERLOADED", "SERVER_BUSY", "STORE_FULL"]],
])("%i is what these lead to", (status, codes) => {
  for (const code of codes) expect({ code, status: errorStatus[code] }).toEqual({ code, status });
});

test("what may work later is never told to be the caller's mistake, but for too many tries", () => {
  const retried = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => errorCodes[code].retry);
  expect(retried.filter((code) => ![409, 429, 500, 503].includes(errorStatus[code]))).toEqual([]);
});
