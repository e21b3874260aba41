/** Each verb once as a program of its own: that it loads, does its work, writes all of its output and ends. */

import { expect, test } from "vitest";

import { makeDirectory, runProgram } from "./run-cli.ts";

/** In this order: later ones need what earlier ones made. `tail` and `serve`, which end by a signal, have tests of their own. */
const commands: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [["init"], /Made a trail/],
  [["record", "order.placed", "--actor", "user/7", "--target", "order/1", "total=3.00"], /Recorded order\.placed/],
  [["query", "log:order"], /user\/7/],
  [["timeline", "target", "order/1"], /1 event/],
  [["show", "0"], /3\.00/],
  [["report", "--by", "log"], /order/],
  [["export", "--format", "csv"], /^seq,/],
  [["trails"], /default/],
  [["keys", "new"], /Made a key/],
  [["hold", "user/9", "--name", "case-1", "--reason", "court", "--actor", "user/1"], /Legal hold case-1/],
  [["erase", "shred", "user/7", "--reason", "asked", "--actor", "user/1"], /Erased/],
  [["verify", "--keys", "auditrail.keys", "--tenant", "default"], /verified/],
  [["doctor", "--quick"], /✓/],
];

test("each verb does its work in a process of its own", { timeout: 120_000 }, async () => {
  const directory = makeDirectory();
  for (const [args, says] of commands) {
    const { code, stdout, stderr } = await runProgram(args, { directory });
    expect({ code, stderr }, args.join(" ")).toEqual({ code: 0, stderr: expect.not.stringContaining("Error") });
    expect(stdout, args.join(" ")).toMatch(says);
  }
});
