import { once } from "node:events";

import type { Command } from "commander";

import { AuditError, quote } from "../base/errors.ts";
import { formatVerifierKey, parseVerifierKey, verifierKeyOf } from "../integrity/note-key.ts";
import type { CliEnvironment } from "./environment.ts";
import type { GlobalOptions } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface WitnessOptions extends GlobalOptions {
  readonly key: string;
  readonly state: string;
  readonly listen: string;
  readonly log: readonly string[];
}

const examples = `
Examples:
  auditrail keys new --witness --name witness.example.com --file witness.keys
  auditrail witness serve --key witness.keys --state witness.db --listen 127.0.0.1:7380 --log "$(cat shop.vkey)"

Run it on the auditor's own machine. Give the printed verifier key and the address to whoever runs the trail. --log takes the key "for witnesses" that \`auditrail keys list\`
prints there. Put a reverse proxy with TLS before it for the world outside. Losing the state is losing the witness: back it up, but
never put an older copy back.`;

const collect = (text: string, all: readonly string[] = []): readonly string[] => [...all, text];

export function addWitnessCommand(program: Command, environment: CliEnvironment): void {
  const witness = program
    .command("witness")
    .summary("remember what somebody else's trail has signed")
    .description(
      "Remembers what somebody else's trail has signed, and cosigns only what continues it (C2SP tlog-witness).",
    )
    .addHelpText("after", examples);
  const serve = witness
    .command("serve")
    .summary("serve a witness until it is interrupted")
    .description("Serves a witness over HTTP until it is interrupted.")
    .requiredOption("--key <file>", "the witness's key file, made with `auditrail keys new --witness`")
    .requiredOption("--state <file>", "where it remembers; made when it is missing")
    .option("--listen <host:port>", "where to listen", "127.0.0.1:7380")
    .requiredOption("--log <verifier key>", "a log to witness; may be repeated", collect)
    .addHelpText("after", examples)
    .action(() => serveUntilInterrupted(serve.optsWithGlobals<WitnessOptions>(), environment));
}

async function serveUntilInterrupted(options: WitnessOptions, environment: CliEnvironment): Promise<void> {
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { serveWitness } = await import("../witness/serve-witness.ts");
  const { stdout, stderr, signal } = environment;
  const { keys } = openKeyFile(options.key);
  const logs = options.log.map(parseVerifierKey);
  await using server = await serveWitness({
    ...{ keys, logs, stateFile: options.state, ...readAddress(options.listen), clock: environment.clock },
    onAnswer: (answer) => void tellAnswer(answer, environment),
  });
  const verifierKeys = keys.map((key) => formatVerifierKey(verifierKeyOf(key)));
  if (options.json === true) await stdout.write(`${visibleJson({ url: server.url, verifierKeys })}\n`);
  else {
    await stdout.write(
      `${createPaint(stdout).good("✓")} Witness at ${server.url}\n${verifierKeys.map((key) => `  ${key}\n`).join("")}`,
    );
    await stderr.write("Ctrl-C ends it.\n");
  }
  // The server itself keeps the process alive.
  if (!signal.aborted) await once(signal, "abort");
}

function readAddress(listen: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(listen) ?? [];
  if (host !== "" && Number(port) <= 65_535) return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
  throw new AuditError("USAGE_INVALID", `--listen has ${quote(listen)}, expected host:port such as 127.0.0.1:7380`);
}

/** One line for each answer, on stderr: a witness that refuses is news. */
async function tellAnswer(
  answer: { readonly status: number; readonly body: string; readonly origin?: string; readonly size?: number },
  { stderr }: CliEnvironment,
): Promise<void> {
  const { status, body, origin, size } = answer;
  const what = origin === undefined ? "" : `  ${visibleText(origin)} ${size}`;
  const why = status === 200 ? "" : `  ${visibleText(body.trim())}`;
  // Whoever closes stderr wants no news.
  await stderr.write(`${status}${what}${why}\n`).catch(() => undefined);
}
