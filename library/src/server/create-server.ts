import { fileURLToPath } from "node:url";

import { AuditError, assertKnownOptions, quote } from "../base/errors.ts";
import { createIdSource } from "../base/ids.ts";
import { systemClock } from "../base/time.ts";
import type { Actions } from "../event/catalogue.ts";
import { defaultTenant } from "../trail/prepare-event.ts";
import type { Trail } from "../trail/types.ts";
import { createAccessLog } from "./access-log.ts";
import { createAccessRules } from "./access-rule.ts";
import { openAccounts } from "./accounts/accounts.ts";
import { createApplication } from "./application.ts";
import type { Services } from "./call.ts";
import { createFindAddress } from "../context/client-address.ts";
import { createDispatch } from "./dispatch.ts";
import { handOverRules } from "./hand-over.ts";
import { createLastCheckpoints } from "./last-checkpoints.ts";
import { createMetrics } from "./metrics.ts";
import { createReading } from "./reading.ts";
import { optionNames, type AuditServer, type ServerOptions } from "./server-options.ts";
import { openStaticFiles } from "./static-files.ts";

const minuteMs = 60_000;

/**
 * Makes the HTTP interface of a trail, with the console where its files are given: a function from a web-standard request to its
 * response, to be mounted anywhere or served by {@link serveNode}.
 *
 * Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `STORE_FAILED` where the accounts file cannot be opened.
 *
 * @example
 * const server = createServer({ trail, store, catalogue, accounts: "accounts.db", prefix: "/audit" });
 * app.mount("/audit", server.fetch);
 */
export function createServer<A extends Actions, Tx>(options: ServerOptions<A, Tx>): AuditServer {
  assertOptions(options);
  const { prefix = "", clock = systemClock, session = {}, publicOrigin } = options;
  const findAddress = createFindAddress(options.trustedProxies ?? []);
  const directory = consoleDirectory(options.console);
  const files = directory === undefined ? undefined : openStaticFiles(directory, prefix, options.embedders ?? []);
  const times = { idleMs: (session.idleMinutes ?? 30) * minuteMs, absoluteMs: (session.hours ?? 12) * 60 * minuteMs };
  const accounts = openAccounts({ file: options.accounts, times, clock, passwordCostLog2: options.passwordCostLog2 });
  const closing = new AbortController();
  const services = createServices(options, { accounts, prefix, clock, closing: closing.signal });
  const dispatch = createDispatch({
    ...{ services, findAddress, publicOrigin },
    secureCookies: options.secureCookies ?? true,
    mostBodyBytes: options.mostBodyBytes ?? 8 * 1024 * 1024,
    onFailure: options.onFailure ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error))),
  });
  const application = createApplication({ dispatch, files, prefix });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing.abort();
    return (closed ??= services.accessLog.close().finally(() => accounts.close()));
  };
  return {
    fetch: async (request, connection = {}) => application.fetch(request, { peer: connection.address }),
    setUpPath() {
      if (!accounts.people.isEmpty()) return undefined;
      // Behind the mark, so that it reaches no server's log and no Referer.
      return `${prefix}/#set-up=${accounts.setUpLink.renew()}`;
    },
    stop: () => closing.abort(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `npm run build` puts the console beside the compiled server. */
function consoleDirectory(given: boolean | string = false): string | undefined {
  return given === true ? fileURLToPath(new URL("../console", import.meta.url)) : given === false ? undefined : given;
}

function createServices<A extends Actions, Tx>(
  {
    trail,
    store,
    catalogue,
    sealing,
    homeTenant = defaultTenant,
    version = "unknown",
    limits = {},
    handOver,
  }: ServerOptions<A, Tx>,
  given: Pick<Services, "accounts" | "prefix" | "clock" | "closing">,
): Services {
  const { clock } = given;
  const rules = createAccessRules(catalogue);
  const asked = { store: store as Services["store"], catalogue, clock };
  return {
    ...given,
    ...asked,
    ...{ rules, sealing, homeTenant, version },
    trail: trail as unknown as Trail,
    reading: createReading({ ...asked, rules, mostAtOnce: limits.counted ?? 50_000 }),
    accessLog: createAccessLog({ record: trail.record as never, store: asked.store, homeTenant, clock }),
    metrics: createMetrics(),
    lastCheckpoints: createLastCheckpoints(asked.store),
    ids: createIdSource(clock),
    handOver: handOverRules(handOver),
    limits: { tails: limits.tails ?? 100, exports: limits.exports ?? 8 },
  };
}

function assertOptions<A extends Actions, Tx>(options: ServerOptions<A, Tx>): void {
  assertKnownOptions("createServer()", options, optionNames);
  const invalid = (problem: string): AuditError =>
    new AuditError("OPTION_INVALID", `Cannot make a server: ${problem}.`);
  const { prefix = "", accounts, publicOrigin } = options;
  if (!/^(\/[A-Za-z0-9._~-]+)*$/.test(prefix))
    throw invalid(`prefix is ${quote(prefix)}, expected none, or a path such as /audit`);
  if (typeof accounts !== "string" || accounts === "") throw invalid("accounts must be the path of the accounts file");
  if (publicOrigin !== undefined && !URL.canParse(publicOrigin))
    throw invalid(`publicOrigin is ${quote(publicOrigin)}, expected such as https://audit.example.com`);
}
