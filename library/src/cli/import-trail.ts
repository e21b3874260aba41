import type { Catalogue } from "../event/catalogue.ts";
import type { Importer } from "../importers/importer.ts";
import type { Trail } from "../trail/types.ts";
import type { CliEnvironment } from "./environment.ts";
import { storeFile, type GlobalOptions } from "./open-store.ts";
import { openStoreAt } from "./store-place.ts";

/** Opens the trail with a catalogue that has the importer's logs as well. Errors: those of `openStoreAt()`; nothing is made. */
export async function openForImport(
  importer: Importer,
  options: GlobalOptions,
  environment: CliEnvironment,
): Promise<{ readonly trail: Trail; close(): Promise<void> }> {
  const { openTrail } = await import("../trail/open-trail.ts");
  const { describeCatalogue, parseCatalogue } = await import("../event/describe.ts");
  const store = await openStoreAt(storeFile(options, environment), {});
  try {
    const kept = await store.readCatalogue();
    const catalogue = await withLogsOf(importer, kept === undefined ? undefined : parseCatalogue(kept));
    // Beside an application's catalogue our logs are added, so that readers know their sentences. Where there is none, the
    // trail takes any action, and it has to stay so.
    const description =
      kept === undefined ? undefined : { ...kept, logs: { ...describeCatalogue(catalogue).logs, ...kept.logs } };
    const putCatalogue: typeof store.putCatalogue = () =>
      description === undefined ? Promise.resolve() : store.putCatalogue(description);
    const trail = await openTrail({ catalogue, store: { ...store, putCatalogue }, clock: environment.clock });
    return { trail, close: () => trail.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Where the application has a log of that name, its own definition is the one that counts. */
async function withLogsOf({ logs }: Importer, kept: Catalogue | undefined): Promise<Catalogue> {
  const { defineCatalogue } = await import("../event/catalogue.ts");
  const { systemLog } = await import("../event/system-log.ts");
  const known = [...(kept?.logs.values() ?? [])].filter(({ name }) => name !== systemLog.name);
  const added = logs.filter(({ name }) => !known.some((log) => log.name === name));
  return defineCatalogue(...known, ...added) as Catalogue;
}
