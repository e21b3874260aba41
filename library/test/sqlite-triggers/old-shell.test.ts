import { execFileSync } from "node:child_process";

import { expect, test } from "vitest";

import { checkTrails } from "../../src/testing/index.ts";
import { openSqliteStore } from "../../src/stores/sqlite/index.ts";
import { openHabits } from "./habits.ts";

test("the trail beside the application's tables keeps no shell out, and tiles are whole where transactions complete them", async (context) => {
  const { file, database, trail } = await openHabits();
  database.exec("BEGIN");
  for (let number = 0; number < 600; number += 1)
    trail.in(database).recordSync("bot.completed", { target: { type: "habit", id: String(number) } });
  database.exec("COMMIT");
  const store = await openSqliteStore({ file, readOnly: true, threads: false });
  await checkTrails(store);
  await store.close();
  try {
    expect(execFileSync("sqlite3", [file, "SELECT count(*) FROM auditrail_entry"], { encoding: "utf8" })).toBe("600\n");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    context.skip("there is no sqlite3 shell on this machine");
  }
});
