import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";

import type { Command } from "commander";

import { AuditError, isAuditError, quote } from "../base/errors.ts";
import type { Store } from "../trail/contracts.ts";
import type { CliEnvironment } from "./environment.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { createPaint } from "./paint.ts";
import { isAddress, nameOfPlace, openStoreAt } from "./store-place.ts";
import { visibleJson, visibleText } from "../formats/visible-text.ts";

interface InitOptions extends GlobalOptions {
  readonly origin?: string;
  readonly beside?: boolean;
}

export function addInitCommand(program: Command, environment: CliEnvironment): void {
  program
    .command("init")
    .summary("make a new trail")
    .description(
      "Makes a new, empty trail in a SQLite file, or in a schema of a Postgres database. What is a trail already is left as it is.",
    )
    .argument("[file]", "where to make it (default: --store, $AUDITRAIL_STORE, or ./auditrail.db)")
    .option("--origin <name>", "its unique name towards verifiers, such as audit.example.com/shop (default: made up)")
    .option("--beside", "add the tables to an application's own database")
    .addHelpText(
      "after",
      "\nExamples:\n  auditrail init\n  auditrail init audit.db --origin audit.example.com/shop\n  auditrail init shop.db --beside",
    )
    .action((file: string | undefined, _, command: Command) =>
      runInit(file, command.optsWithGlobals<InitOptions>(), environment),
    );
}

async function runInit(given: string | undefined, options: InitOptions, environment: CliEnvironment): Promise<void> {
  const file = given ?? storeFile(options, environment);
  // In a database that has no tables of ours there is nothing that ours could be mixed up with: they have a schema of their own.
  const wasThere = !isAddress(file) && existsSync(file) && statSync(file).size > 0;
  const isTrail = (wasThere || isAddress(file)) && (await isOurs(file));
  const isWanted = options.beside ?? !wasThere;
  if (
    !isTrail &&
    !isWanted &&
    !(await environment.confirm?.(`${visibleText(file)} is a database already. Add the trail's tables to it?`))
  ) {
    throw new AuditError(
      "STORE_EXISTS",
      `Cannot make a trail at ${quote(file)}: there is a database already, and it is not a trail. ` +
        "To add the trail's tables to it, which touches nothing else, pass --beside.",
    );
  }
  const store = await openStore(file, options, true);
  try {
    const { origin } = store;
    const entries = (await store.listTrails()).reduce((sum, { size }) => sum + size, 0);
    await tell(
      { file: isAddress(file) ? nameOfPlace(file) : resolve(file), origin, created: !isTrail, entries },
      options,
      environment,
    );
  } finally {
    await store.close();
  }
}

/** Errors: those of a file that cannot be a trail whatever is asked: damaged, newer, or no database at all. */
async function isOurs(file: string): Promise<boolean> {
  try {
    const store = await openStore(file, {}, false);
    await store.close();
    return true;
  } catch (error) {
    if (!isAuditError(error) || error.code !== "STORE_FOREIGN" || error.cause !== undefined) throw error;
    return false;
  }
}

function openStore(file: string, { origin }: InitOptions, create: boolean): Promise<Store<unknown>> {
  const mode = create ? { createIfMissing: true } : { readOnly: true };
  return openStoreAt(file, { ...mode, ...(origin === undefined ? {} : { origin }) });
}

interface Made {
  readonly file: string;
  readonly origin: string;
  readonly created: boolean;
  readonly entries: number;
}

async function tell(made: Made, { json }: InitOptions, { stdout }: CliEnvironment): Promise<void> {
  if (json === true) return stdout.write(`${visibleJson(made)}\n`);
  const { good, dim } = createPaint(stdout);
  const [file, origin] = [visibleText(made.file), visibleText(made.origin)];
  const entries = `${made.entries.toLocaleString("en")} ${made.entries === 1 ? "entry" : "entries"}`;
  const said = made.created
    ? `${good("✓")} Made a trail in ${file}\n  ${dim(`Its origin is ${origin}`)}\n  ${dim("Next: auditrail record order.placed --actor user/42 --target order/7")}\n`
    : `${good("✓")} ${file} is a trail already, with ${entries}; nothing was changed.\n  ${dim(`Its origin is ${origin}`)}\n`;
  await stdout.write(said);
}
