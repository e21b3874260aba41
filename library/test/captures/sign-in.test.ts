import { expect, test } from "vitest";

import { auditSignIn, signInLog } from "../../src/capture/sign-in/index.ts";
import { defineCatalogue } from "../../src/event/catalogue.ts";
import { createTestTrail, expectAudit } from "../../src/testing/index.ts";
import { bytesOf } from "./entry-bytes.ts";

const catalogue = defineCatalogue(signInLog());
const mira = { type: "user", id: "7", name: "Mira Okafor" };

test("log-in, log-out and failed log-in are recorded with who, how, why and where from", async () => {
  const trail = await createTestTrail(catalogue);
  const signIn = auditSignIn(trail);
  await trail.with({ context: { source: "http", ip: "203.0.113.7", userAgent: "Firefox" } }, async () => {
    await signIn.failed({
      name: "mira",
      cause: "wrong password",
      method: "password",
      account: { type: "user", id: "7" },
    });
    await signIn.loggedIn(mira, { method: "password" });
    await signIn.loggedOut(mira);
  });
  await expectAudit(trail).toHaveExactly([
    [
      "sign-in.failed",
      {
        ...{ actor: { type: "anonymous" }, outcome: "failure", severity: "warning", target: { type: "user", id: "7" } },
        ...{ subjects: ["user/7"], data: { name: "mira", cause: "wrong password" }, context: { ip: "203.0.113.7" } },
      },
    ],
    ["sign-in.logged-in", { actor: mira, data: { method: "password" }, context: { userAgent: "Firefox" } }],
    ["sign-in.logged-out", { actor: mira }],
  ]);
  await trail.close();
});

test("the name that was tried is personal, bounded, and the password has no way in", async () => {
  const trail = await createTestTrail(catalogue);
  const form = { name: "x".repeat(5_000), password: "correct-battery", cause: "unknown name" };
  await auditSignIn(trail).failed(form);
  const entry = await expectAudit(trail).toHave("sign-in.failed", {});
  expect(entry.event.data?.["name"]).toHaveLength(256);
  expect(bytesOf(entry)).not.toContain("x".repeat(20));
  expect(JSON.stringify(entry)).not.toContain("battery");
  await trail.close();
});

test("a catalogue without the log is refused at once", async () => {
  const bare = await createTestTrail(defineCatalogue());
  expect(() => auditSignIn(bare as never)).toThrow(expect.objectContaining({ code: "ACTION_UNKNOWN" }));
});
