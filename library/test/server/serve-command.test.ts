import { join } from "node:path";

import { expect, test } from "vitest";

import type { ServerDoor } from "../../src/cli/server-door.ts";
import * as door from "../../src/server/index.ts";
import { makeSample } from "../cli/sample-trail.ts";
import { collect, makeDirectory, runCli, startCli } from "../cli/run-cli.ts";
import { password, requestOf, signIn, type Send } from "./test-server.ts";

test("the server is what the command line takes it for", () => {
  const fits: ServerDoor = door;
  expect(fits.createServer).toBe(door.createServer);
});

async function start(directory: string, ...args: readonly string[]) {
  const child = startCli(["serve", "--json", "--listen", "127.0.0.1:0", ...args], { directory });
  const ended = collect(child);
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (chunk: string) => (text += chunk).includes("\n") && resolve(text));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const { url, setUpUrl } = JSON.parse(line) as { url: string; setUpUrl: string | null };
  const send: Send = (path, init) => fetch(requestOf(url + path, init));
  return { child, ended, url, setUpUrl, send };
}

test("serve prints a link that makes the first person, serves until SIGTERM, and remembers who there is", async () => {
  const directory = makeDirectory();
  await makeSample(directory);
  const first = await start(directory);
  expect(first.setUpUrl).toMatch(new RegExp(`^${first.url}/#set-up=[\\w-]{43}$`));
  const token = first.setUpUrl!.split("=")[1];
  const json = { token, name: "root", password, roles: ["administrator", "auditor"] };
  expect((await first.send("/api/v1/set-up", { method: "POST", json })).status).toBe(201);
  first.child.kill("SIGTERM");
  expect((await first.ended).code).toBe(0);

  const second = await start(directory, "--accounts", join(directory, "auditrail.accounts.db"));
  expect(second.setUpUrl).toBeNull();
  const root = await signIn(second.send, "root");
  const page = await root.send("/api/v1/entries?query=log:order&limit=1");
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("order.placed")]);
  second.child.kill("SIGINT");
  expect((await second.ended).code).toBe(130);
  const told = await runCli(["query", "action:auditrail.signed-in", "--json"], { directory });
  expect(told.stdout.trim().split("\n")).toHaveLength(2);
}, 60_000);

test("serve refuses an address that is none", async () => {
  const directory = makeDirectory();
  await makeSample(directory);
  const { code, stderr } = await runCli(["serve", "--listen", "nowhere"], { directory });
  expect([code, stderr]).toEqual([64, expect.stringContaining("--listen")]);
});
