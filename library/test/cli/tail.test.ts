import { once } from "node:events";

import { expect, test } from "vitest";

import { makeDirectory, runCli, startCli } from "./run-cli.ts";
import { makeSample } from "./sample-trail.ts";

test("tail shows what another process records, only what matches, until Ctrl-C", async () => {
  const directory = makeDirectory();
  await makeSample(directory);
  const child = startCli(["tail", "log:order", "--lines", "1", "--json"], { directory });
  const lines: { seq: number }[] = [];
  let rest = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop()!;
    lines.push(...parts.map((part) => JSON.parse(part) as { seq: number }));
  });
  const until = async (count: number): Promise<void> => {
    while (lines.length < count) await once(child.stdout!, "data");
  };
  await until(1);
  await runCli(["record", "email.sent", "--actor", "service/mailer", "to=x"], { directory });
  await runCli(["record", "order.placed", "--actor", "user/7", "total=1.00"], { directory });
  await until(2);
  expect(lines.map(({ seq }) => seq)).toEqual([4, 6]);
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(130);
});
