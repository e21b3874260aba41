import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The day is the day of the run. */
function withoutDay(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d/g, "DATE").replaceAll(/^\w+day \d+ \w+ \d{4}$/gm, "DAY");
}

test("npm run shop answers what README.md shows", () => {
  const { PATH = "" } = process.env;
  const run = spawnSync(process.execPath, ["examples/small-shop/main.ts"], {
    cwd: root,
    encoding: "utf8",
    env: { PATH, TZ: "UTC" },
  });
  const [, file] = /recorded in (\S+)\./.exec(run.stdout) ?? [];
  rmSync(dirname(join(root, file!)), { recursive: true, force: true });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
  const [, transcript] = /```\n(\$ auditrail query .*?)```/s.exec(readFileSync(join(root, "README.md"), "utf8"))!;
  const said = withoutDay(run.stdout);
  for (const part of withoutDay(transcript!).split(/\n(?=\$ )/)) expect(said).toContain(part.trim());
});
