import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { temporaryDirectory } from "../temporary-directory.ts";
import { orderNumbers, readShop } from "../guarantees/shop.ts";
import { runProgram } from "./child.ts";

test("four processes that write one file at once lose nothing and leave no gap", { timeout: 60_000 }, async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const programs = [0, 1, 2, 3].map((writer) =>
    runProgram("record-durably", [file, String(writer * 500), "500", "10"]),
  );
  const endings = await Promise.all(programs.map(({ ended }) => ended));
  expect(endings.map(({ code, errors }) => `${code}${errors}`)).toEqual(["0", "0", "0", "0"]);
  const kept = orderNumbers(await readShop(file), "order.placed");
  expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, number) => number));
});

test("twenty stores in five processes that make the same trail at once make one", { timeout: 60_000 }, async () => {
  const file = join(temporaryDirectory(), "shop.db");
  const programs = Array.from({ length: 5 }, () => runProgram("open-new", [file]));
  await Promise.all(programs.map((program) => program.line("ready")));
  for (const { child } of programs) child.stdin!.write("go\n");
  const origins = (await Promise.all(programs.map((program) => program.line("auditrail.local/")))).flatMap((line) =>
    line.split(" "),
  );
  expect(origins).toHaveLength(20);
  expect(new Set(origins).size).toBe(1);
  const endings = await Promise.all(programs.map(({ ended }) => ended));
  expect(endings.map(({ code, errors }) => `${code}${errors}`)).toEqual(["0", "0", "0", "0", "0"]);
  const connection = new DatabaseSync(file, { readOnly: true });
  expect(connection.prepare("SELECT count(*) AS n FROM auditrail_meta WHERE name = 'origin'").get()).toEqual({ n: 1 });
  connection.close();
});
