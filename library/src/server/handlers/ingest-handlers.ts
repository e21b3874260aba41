import { AuditError, isAuditError } from "../../base/errors.ts";
import { errorCodes } from "../../base/error-codes.ts";
import { runWithoutContext } from "../../context/context.ts";
import { logOf, type EventFields } from "../../event/event.ts";
import { systemLog } from "../../event/system-log.ts";
import { defaultTenant } from "../../trail/prepare-event.ts";
import type { Receipt } from "../../trail/types.ts";
import { actorOf, assertTenant, denied } from "../caller.ts";
import type { AnyCall, Handlers } from "../call.ts";
import { respondJson } from "../respond.ts";

type SentEvent = EventFields & { readonly action: string };

export const ingestHandlers: Handlers<"recordEvents"> = {
  async recordEvents(call) {
    const results = await Promise.all((call.body.events as readonly SentEvent[]).map((sent) => recordOne(call, sent)));
    const refused = results.filter(({ status }) => status === "refused").length;
    call.services.metrics.noteEvents(results.length - refused, refused);
    const waits = results.filter((result) => result.status === "refused" && result.error.retry);
    if (waits.length === results.length && waits[0]?.status === "refused") throw waits[0].cause;
    const shown = results.map(showResult);
    const headers: Record<string, string> = waits.length > 0 ? { "retry-after": "1" } : {};
    return respondJson(
      { results: shown, recorded: results.length - refused, refused },
      refused === 0 ? 200 : 207,
      headers,
    );
  },
};

type Result =
  | { readonly status: "recorded"; readonly receipt: Receipt }
  | { readonly status: "refused"; readonly id: string | null; readonly error: Refusal; readonly cause: unknown };

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retry: boolean;
}

async function recordOne(call: AnyCall, sent: SentEvent): Promise<Result> {
  try {
    const { action, ...fields } = sent;
    if (logOf(action) === systemLog.name)
      throw denied("The log auditrail is what the audit trail says of itself.", { action });
    assertTenant(call.caller, fields.tenant ?? defaultTenant);
    const said = { ...fields, tenant: fields.tenant ?? defaultTenant, actor: fields.actor ?? actorOf(call.caller) };
    const record: (action: never, fields: never) => Promise<Receipt> = call.services.trail.record;
    const receipt = await runWithoutContext(() => record(action as never, said as never));
    return { status: "recorded", receipt };
  } catch (cause) {
    return { status: "refused", id: typeof sent.id === "string" ? sent.id : null, error: refusalOf(cause), cause };
  }
}

/** What is not the sender's doing is not told in detail. */
function refusalOf(cause: unknown): Refusal {
  const error = isAuditError(cause) ? cause : new AuditError("SERVER_FAILED", "Something went wrong on the server.");
  const { code, message, details, retry } = error;
  return errorCodes[code].fault === "caller"
    ? { code, message, details, retry }
    : { code, message: errorCodes[code].says, details: {}, retry };
}

function showResult(result: Result) {
  if (result.status === "recorded") return { status: result.status, ...result.receipt };
  const { code, message, details } = result.error;
  return { status: result.status, id: result.id, error: { code, message, details } };
}
