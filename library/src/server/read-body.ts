import { AuditError } from "../base/errors.ts";

/** How long a body may take to arrive; a server of one's own may cut it shorter. */
const slowestMs = 30_000;

/** The JSON of a request's body. Errors: `REQUEST_INVALID`, `REQUEST_TOO_LARGE`. */
export async function readJsonBody(request: Request, mostBytes: number): Promise<unknown> {
  const type = (request.headers.get("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type !== "application/json") {
    throw new AuditError("REQUEST_INVALID", "Cannot read the body: send it with Content-Type: application/json.", {
      details: { problems: ["content-type: expected application/json"] },
    });
  }
  // Refused by what it says of itself, where it says so, before anything is read.
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const bytes = await readBytes(request, mostBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new AuditError("REQUEST_INVALID", "Cannot read the body: it is not JSON in UTF-8.", {
      cause,
      details: { problems: ["body: not JSON in UTF-8"] },
    });
  }
}

async function readBytes({ body }: Request, mostBytes: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), slowestMs);
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      size += chunk.value.length;
      if (size > mostBytes) throw tooLarge(mostBytes);
      chunks.push(chunk.value);
    }
  } catch (error) {
    // Not waited for: some bodies never end to be cancelled.
    void reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(mostBytes: number): AuditError {
  const message = `Cannot read the body: it has more than ${mostBytes} bytes. Send smaller batches.`;
  return new AuditError("REQUEST_TOO_LARGE", message, { details: { mostBytes } });
}
