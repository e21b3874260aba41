import { existsSync } from "node:fs";

import type { Command } from "commander";

import { AuditError, isAuditError } from "../base/errors.ts";
import { anchorTenant } from "../event/system-log.ts";
import {
  createVerifierKey,
  formatKeyId,
  formatVerifierKey,
  signatureTypes,
  verifierKeyOf,
  type SignerKey,
} from "../integrity/note-key.ts";
import type { KeyFile } from "../sealing/key-file.ts";
import { trailOrigin } from "../trail/contracts.ts";
import type { CliEnvironment } from "./environment.ts";
import { keyFileOf, type KeyOptions } from "./key-options.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { isAddress, openStoreAt } from "./store-place.ts";
import { createPaint } from "./paint.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface KeysOptions extends GlobalOptions, KeyOptions {
  readonly file?: string;
  readonly name?: string;
  readonly witness?: boolean;
}

const examples = `
Examples:
  auditrail keys new                                    named after the store's origin
  auditrail keys new --file /etc/shop/auditrail.keys --name audit.example.com/shop
  auditrail keys new --witness --name witness.example.com --file witness.keys
  auditrail keys rotate
  auditrail keys list --json | jq -r .verifierKey

The file is --file, $AUDITRAIL_KEYS or ./auditrail.keys. Whoever can read it can sign in your name: keep it out of the database, out of
the database's backups and out of version control, and keep a copy of it. What is printed is public.`;

export function addKeysCommand(program: Command, environment: CliEnvironment): void {
  const keys = program
    .command("keys")
    .summary("make, replace and list the keys that checkpoints are signed with")
    .description("Makes, replaces and lists the keys that checkpoints are signed with. Secrets are never printed.")
    .addHelpText("after", examples);
  const optionsOf = (command: Command): KeysOptions => command.optsWithGlobals<KeysOptions>();
  keys
    .command("new")
    .summary("make a key file with a new key")
    .description(
      "Makes a key file with a new key, for its owner's eyes only. A file that is there already is left as it is.",
    )
    .option("--file <file>", "where to make it")
    .option("--name <name>", "its name towards verifiers (default: the store's origin)")
    .option("--witness", "a key to cosign what others have signed, for `auditrail witness serve`")
    .action((_, command: Command) => newKey(optionsOf(command), environment));
  keys
    .command("rotate")
    .summary("add a new key, which signs from now on")
    .description(
      "Adds a new key, which signs from now on. The next checkpoint of each trail is signed with the old one as well.",
    )
    .option("--file <file>", "the key file")
    .option("--name <name>", "the new key's name (default: that of the old one)")
    .action((_, command: Command) => rotateKey(optionsOf(command), environment));
  keys
    .command("list")
    .summary("print the verifier keys")
    .description("Prints the verifier keys, which are public: for policies, and for whoever runs a witness.")
    .option("--file <file>", "the key file")
    .action((_, command: Command) => listKeys(optionsOf(command), environment));
}

function fileOf({ file, ...options }: KeysOptions, environment: CliEnvironment): string {
  return file ?? keyFileOf(options, environment);
}

async function newKey(options: KeysOptions, environment: CliEnvironment): Promise<void> {
  const { createKeyFile } = await import("../sealing/key-file.ts");
  const purpose = options.witness === true ? "witness" : "log";
  const store = purpose === "log" ? await readStore(options, environment) : undefined;
  const name = options.name ?? store?.origin;
  if (name === undefined) {
    throw new AuditError(
      "USAGE_INVALID",
      'A key needs a name, and there is no store to take it from. Pass --name, such as "audit.example.com/shop".',
    );
  }
  const made = createKeyFile(fileOf(options, environment), { name, purpose });
  await tell("Made a key in", made, { ...options, anchorOrigin: store?.anchorOrigin }, environment);
}

async function rotateKey(options: KeysOptions, environment: CliEnvironment): Promise<void> {
  const { rotateKeyFile } = await import("../sealing/key-file.ts");
  const rotated = rotateKeyFile(fileOf(options, environment), options.name);
  await tell(
    "Added a key to",
    rotated,
    { ...options, anchorOrigin: (await readStore(options, environment))?.anchorOrigin },
    environment,
  );
}

async function listKeys(options: KeysOptions, environment: CliEnvironment): Promise<void> {
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { keys } = openKeyFile(fileOf(options, environment));
  const anchorOrigin = (await readStore(options, environment))?.anchorOrigin;
  if (options.json === true) {
    for (const key of keys)
      await environment.stdout.write(`${visibleJson(describe(key, key === keys.at(-1), anchorOrigin))}\n`);
    return;
  }
  const { dim } = createPaint(environment.stdout);
  for (const key of keys) {
    const note = key === keys.at(-1) ? "signs" : "replaced; keep it until every trail is signed by the one that signs";
    await environment.stdout.write(`${formatVerifierKey(verifierKeyOf(key))}  ${dim(note)}\n`);
  }
  await tellAnchorKey(keys.at(-1)!, anchorOrigin, environment);
}

/** The store that the command is about; `undefined` where there is none. */
async function readStore(
  options: KeysOptions,
  environment: CliEnvironment,
): Promise<{ readonly origin: string; readonly anchorOrigin: string } | undefined> {
  const file = storeFile(options, environment);
  if (!isAddress(file) && !existsSync(file)) return undefined;
  const { readLastStored } = await import("../sealing/sign-trail.ts");
  const { epochOrigin } = await import("../sealing/epoch.ts");
  try {
    const store = await openStoreAt(file, { readOnly: true });
    try {
      const epoch = (await readLastStored(store, anchorTenant))?.epoch ?? 1;
      return { origin: store.origin, anchorOrigin: epochOrigin(trailOrigin(store.origin, anchorTenant), epoch) };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (isAuditError(error) && error.code === "STORE_FOREIGN") return undefined;
    throw error;
  }
}

function describe(key: SignerKey, signs: boolean, anchorOrigin: string | undefined) {
  const purpose = key.type === signatureTypes.cosignature ? "witness" : "log";
  const anchor = purpose === "log" && anchorOrigin !== undefined ? { anchorKey: anchorKey(key, anchorOrigin) } : {};
  return {
    name: key.name,
    keyId: formatKeyId(key.keyId),
    purpose,
    signs,
    verifierKey: formatVerifierKey(verifierKeyOf(key)),
    ...anchor,
  };
}

/** The same public key, named after the trail that witnesses are sent: they know a log by its key's name. */
function anchorKey(key: SignerKey, anchorOrigin: string): string {
  return formatVerifierKey(createVerifierKey(anchorOrigin, key.publicKey));
}

async function tell(
  did: string,
  { file, keys }: KeyFile,
  options: KeysOptions & { readonly anchorOrigin: string | undefined },
  environment: CliEnvironment,
): Promise<void> {
  const key = keys.at(-1)!;
  if (options.json === true)
    return environment.stdout.write(`${visibleJson({ file, ...describe(key, true, options.anchorOrigin) })}\n`);
  const { good, dim } = createPaint(environment.stdout);
  await environment.stdout.write(
    `${good("✓")} ${did} ${visibleText(file)}\n  ${formatVerifierKey(verifierKeyOf(key))}\n`,
  );
  await environment.stdout.write(
    `  ${dim("The verifier key above is public. Keep a copy of the file where no backup of the database is.")}\n`,
  );
  await tellAnchorKey(key, options.anchorOrigin, environment);
}

async function tellAnchorKey(
  key: SignerKey,
  anchorOrigin: string | undefined,
  { stdout }: CliEnvironment,
): Promise<void> {
  if (anchorOrigin === undefined || key.type === signatureTypes.cosignature) return;
  await stdout.write(`${createPaint(stdout).dim("For witnesses:")}\n${anchorKey(key, anchorOrigin)}\n`);
}
