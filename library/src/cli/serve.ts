import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";
import type { Sealing } from "../sealing/sealing-types.ts";
import type { CliEnvironment } from "./environment.ts";
import { guardFileOf, keyFileOf } from "./key-options.ts";
import { fileBeside, nameOfPlace } from "./store-place.ts";
import { openForServing, type GlobalOptions, type OpenedTrail } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import type { ServerDoor } from "./server-door.ts";
import { version } from "./version.ts";

interface ServeOptions extends GlobalOptions {
  readonly listen: string;
  readonly accounts?: string;
  readonly prefix?: string;
  readonly publicOrigin?: string;
  readonly trustedProxy?: readonly string[];
  readonly keys?: string;
  readonly guard?: string;
}

const examples = `
Examples:
  auditrail serve
  auditrail serve --store audit.db --accounts accounts.db --listen 127.0.0.1:7370
  auditrail serve --public-origin https://audit.example.com --trusted-proxy 127.0.0.1

The link that is printed makes the first person, once, within an hour; it is printed while there is nobody.
For the world outside put a reverse proxy with TLS before it, and say with --public-origin what browsers know it as.`;

const collect = (text: string, all: readonly string[] = []): readonly string[] => [...all, text];

export function addServeCommand(program: Command, environment: CliEnvironment): void {
  const serve = program
    .command("serve")
    .summary("serve the trail over HTTP until it is interrupted")
    .description("Serves the trail over HTTP, and the console where this package holds one, until it is interrupted.")
    .option("--listen <host:port>", "where to listen", "127.0.0.1:7370")
    .option("--accounts <file>", "people, sessions and API keys (default: beside the store, named .accounts.db)")
    .option("--prefix <path>", "the path that a proxy serves it under, such as /audit")
    .option("--public-origin <url>", "what browsers know it as, such as https://audit.example.com")
    .option("--trusted-proxy <address>", "believe what this proxy says of addresses; may be repeated", collect)
    .option("--keys <file>", "sign checkpoints with this key file while serving")
    .option("--guard <file>", "the signing guard (default: beside the keys)")
    .addHelpText("after", examples)
    .action(() => serveUntilInterrupted(serve.optsWithGlobals<ServeOptions>(), environment));
}

async function serveUntilInterrupted(options: ServeOptions, environment: CliEnvironment): Promise<void> {
  const address = readAddress(options.listen);
  const door = await environment.loadServer?.();
  if (door === undefined) throw new AuditError("USAGE_INVALID", "This program was put together without the server.");
  const opened = await openForServing(options, environment);
  try {
    await using sealing = await openSealingFor(options, opened, environment);
    const server = createFor(options, address.host, opened, sealing?.sealing, door, environment);
    await using served = await door.serveNode(server, address);
    await tell(served.url, server.setUpPath(), nameOfPlace(opened.file), options, environment);
    await untilStopped(environment.signal);
  } finally {
    await opened.close();
  }
}

function createFor(
  options: ServeOptions,
  host: string,
  { trail, store, catalogue, file }: OpenedTrail,
  sealing: Sealing | undefined,
  door: ServerDoor,
  { stderr }: CliEnvironment,
) {
  const { publicOrigin, prefix, trustedProxy } = options;
  const console = fileURLToPath(new URL("../console", import.meta.url));
  return door.createServer({
    ...{ trail, store: store as never, catalogue, version },
    accounts: options.accounts ?? fileBeside(file.replace(/\.db$/, ""), ".accounts.db"),
    ...(prefix === undefined ? {} : { prefix }),
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...(trustedProxy === undefined ? {} : { trustedProxies: trustedProxy }),
    ...(sealing === undefined ? {} : { sealing }),
    ...(existsSync(`${console}/index.html`) ? { console } : {}),
    // Browsers keep cookies that are for HTTPS only from plain HTTP, and some do on one's own machine.
    secureCookies: publicOrigin === undefined ? !isOwnMachine(host) : publicOrigin.startsWith("https:"),
    onFailure: (error) => void stderr.write(`failed  ${visibleText(String(error))}\n`).catch(() => undefined),
  });
}

function isOwnMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Errors: those of the key file; `GUARD_MISSING`, `GUARD_INVALID`. */
async function openSealingFor(options: ServeOptions, { store, trail }: OpenedTrail, environment: CliEnvironment) {
  if (options.keys === undefined) return undefined;
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { openSealing } = await import("../sealing/open-sealing.ts");
  const { keys } = openKeyFile(keyFileOf(options, environment));
  const guard = guardFileOf(options, environment);
  const sealing = openSealing({ store, record: trail.record, keys, guard, clock: environment.clock });
  return { sealing, [Symbol.asyncDispose]: () => sealing.close() };
}

async function tell(
  url: string,
  setUpPath: string | undefined,
  file: string,
  { json, prefix = "", publicOrigin }: ServeOptions,
  { stdout, stderr }: CliEnvironment,
): Promise<void> {
  const origin = publicOrigin?.replace(/\/$/, "") ?? url;
  const setUpUrl = setUpPath === undefined ? null : origin + setUpPath;
  if (json === true) return stdout.write(`${visibleJson({ url: origin + prefix, setUpUrl })}\n`);
  const { good, strong } = createPaint(stdout);
  await stdout.write(`${good("✓")} Serving ${visibleText(file)} at ${strong(`${origin}${prefix}/`)}\n`);
  if (setUpUrl !== null) await stdout.write(`  Make the first person here, once, within an hour:\n  ${setUpUrl}\n`);
  await stderr.write("Ctrl-C ends it.\n");
}

/** Ctrl-C, or SIGTERM, by which service managers end a program. */
async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const terminated = new AbortController();
  const terminate = (): void => terminated.abort();
  process.once("SIGTERM", terminate);
  await once(AbortSignal.any([signal, terminated.signal]), "abort");
  process.off("SIGTERM", terminate);
}

function readAddress(listen: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(listen) ?? [];
  if (host !== "" && Number(port) <= 65_535) return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
  throw new AuditError("USAGE_INVALID", `--listen has ${quote(listen)}, expected host:port such as 127.0.0.1:7370.`);
}
