/**
 * A process that erases and is killed on the way. `kill` is the number of the step after which it kills itself: a step
 * is every statement that ends a transaction or rewrites files, on any connection, and every step of the service.
 */

import { openErasure } from "../../src/erasure/index.ts";
import { openCatalogue } from "../../src/event/catalogue.ts";
import { openNodeSqlite } from "../../src/stores/sqlite/driver.ts";
import { openSqliteStore } from "../../src/stores/sqlite/sqlite-store.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import type { Store } from "../../src/trail/contracts.ts";
import type { Trail } from "../../src/trail/types.ts";
import { publishCheckpoints } from "./publish-checkpoints.ts";

const [file = "", operation = "", kill = "0"] = process.argv.slice(2);
if (file === "") process.exit(0);
let counting = false;
let steps = 0;

function step(): void {
  if (!counting) return;
  steps += 1;
  if (steps === Number(kill)) process.kill(process.pid, "SIGKILL");
}

const telling = /COMMIT|VACUUM|wal_checkpoint|optimize|BEGIN|^DELETE|^INSERT INTO auditrail_(erasure|text)/;

const store = (await openSqliteStore({
  file,
  openConnection: (path, options) => {
    const connection = openNodeSqlite(path, options);
    return {
      exec(sql) {
        connection.exec(sql);
        if (telling.test(sql)) step();
      },
      prepare(sql) {
        const statement = connection.prepare(sql);
        if (!telling.test(sql)) return statement;
        const after = <Result>(result: Result): Result => (step(), result);
        return {
          run: (...parameters) => after(statement.run(...parameters)),
          get: (...parameters) => after(statement.get(...parameters)),
          all: (...parameters) => after(statement.all(...parameters)),
          iterate: (...parameters) => statement.iterate(...parameters),
        };
      },
      close: () => connection.close(),
      get isTransaction() {
        return connection.isTransaction ?? false;
      },
    };
  },
})) as unknown as Store<never>;
const trail = (await openTrail({ catalogue: openCatalogue(), store })) as unknown as Trail;
const erasure = await openErasure({
  ...{ trail, store },
  async checkpoint() {
    step();
    await publishCheckpoints(store);
    step();
  },
});
const order = { reason: "ticket 331", actor: { type: "user", id: "dpo" } };
counting = true;
if (operation === "shred") await erasure.shred({ ...order, subject: "user/3" });
if (operation === "redact") await erasure.redact({ ...order, query: "actor:user/3" });
if (operation === "prune") await erasure.prune({ ...order, to: 2_560 });
counting = false;
await trail.close();
process.stdout.write(String(steps));
