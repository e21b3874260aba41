/** The examination of a trail in Postgres: the server, what waits for a position, and every entry. It reads only. */

import type { PostgresStore } from "../../stores/postgres/postgres-store.ts";
import type { Backlog } from "../../trail/contracts.ts";
import type { DerivedProblem } from "../../integrity/evidence.ts";
import { visibleText } from "../../formats/visible-text.ts";
import { counted, ok, problem, tampered, warning, type Finding } from "./finding.ts";

/** Entries of each trail that are looked at with `--quick`. */
const quickEntries = 1_000;
const entriesAtOnce = 10_000;

export async function* examinePostgres(place: string, isQuick: boolean): AsyncIterable<Finding> {
  const { openStoreAt } = await import("../store-place.ts");
  const store = (await openStoreAt(place, { readOnly: true })) as unknown as PostgresStore;
  try {
    yield* examineServer(await store.describeServer());
    yield examineBacklog(await store.backlog());
    const heads = await store.listTrails();
    for (const { tenant, first, size } of heads) {
      const from = isQuick ? Math.max(first, size - quickEntries) : first;
      const problems = await checkEntries(store, tenant, from, size, isQuick);
      yield problems.length === 0
        ? ok(
            "entries",
            `${counted(size - from, "entry", "entries")} of ${visibleText(tenant)} say what they were recorded with`,
          )
        : tampered("entries", `${visibleText(tenant)}: ${describe(problems)}`);
    }
    if (heads.length === 0) yield ok("entries", "there are none yet");
  } finally {
    await store.close();
  }
}

function* examineServer({
  version,
  fsync,
  monthsAhead,
  isOwner,
}: Awaited<ReturnType<PostgresStore["describeServer"]>>): Iterable<Finding> {
  yield fsync
    ? ok("postgres", `Postgres ${version} flushes what is committed`)
    : problem(
        "postgres",
        `Postgres ${version} runs with fsync=off: a power cut can take what was acknowledged`,
        "Set fsync to on",
      );
  if (monthsAhead < 1)
    yield warning(
      "schema",
      "next month has no partition yet; its entries will go to entry_other, where they are as safe",
      "Open the store once as the owner of the schema, which makes them",
    );
  if (isOwner)
    yield warning(
      "schema",
      "this role owns the tables, and could switch off what protects them",
      "Let applications connect as roles that grantStatements() gives their rights",
    );
}

/** Longer than any healthy round of the sequencer takes. */
const longestLagMs = 10_000;

function examineBacklog({ waiting, lagMs, refused }: Backlog): Finding {
  if (refused > 0)
    return problem(
      "inbox",
      `${counted(refused, "event was", "events were")} committed with the id of another event, and cannot be an entry`,
      "See the table refused; record them again with ids of their own",
    );
  if (waiting > 0 && lagMs > longestLagMs)
    return warning(
      "inbox",
      `${counted(waiting, "event waits", "events wait")} for a position, the first for ${Math.round(lagMs / 1000)} s`,
      "See that a process runs that has the store open with sequence on",
    );
  return ok(
    "inbox",
    waiting === 0 ? "nothing waits for a position" : `${counted(waiting, "event waits", "events wait")} for a position`,
  );
}

/** Hashes, tree and order as a verifier checks them are `auditrail verify`'s; here it is what stands beside the entries. */
async function checkEntries(
  store: PostgresStore,
  tenant: string,
  from: number,
  size: number,
  isQuick: boolean,
): Promise<readonly DerivedProblem[]> {
  const problems: DerivedProblem[] = [];
  for (let first = from; first < size; first += entriesAtOnce)
    problems.push(...(await store.checkDerived!(tenant, first, Math.min(first + entriesAtOnce, size))));
  return isQuick ? problems : [...problems, ...(await store.checkTotals!(tenant))];
}

function describe(problems: readonly DerivedProblem[]): string {
  const [first] = problems;
  const where = first!.seq === null ? "" : `entry ${first!.seq}, `;
  return `${counted(problems.length, "thing does", "things do")} not say what the entries say, such as ${where}${first!.column}: ${first!.says}`;
}
