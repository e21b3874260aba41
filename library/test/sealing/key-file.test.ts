import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { isAuditError } from "../../src/base/errors.ts";
import { parseSignerKey, signatureTypes } from "../../src/integrity/note-key.ts";
import { createKeyFile, createSigningKey, keyFor, openKeyFile, rotateKeyFile } from "../../src/sealing/key-file.ts";
import { makeDirectory } from "./sealed-store.ts";

const name = "audit.example.com/shop";

function placeFor(file = "auditrail.keys"): string {
  return join(makeDirectory(), file);
}

function failureOf(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (isAuditError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("it did not fail");
}

describe("a key file", () => {
  test("is for its owner alone, whatever the umask, and reads back", () => {
    const before = process.umask(0);
    try {
      const file = placeFor();
      const made = createKeyFile(file, { name });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const opened = openKeyFile(file);
      expect(opened.keys.map(({ name: of, keyId }) => [of, keyId])).toEqual(
        made.keys.map(({ name: of, keyId }) => [of, keyId]),
      );
      expect(readdirSync(join(file, "..")), "no temporary file is left").toEqual(["auditrail.keys"]);
    } finally {
      process.umask(before);
    }
  });

  test("is not replaced by another", () => {
    const file = placeFor();
    createKeyFile(file, { name });
    const text = readFileSync(file, "utf8");
    expect(failureOf(() => createKeyFile(file, { name })).code).toBe("KEY_FILE_EXISTS");
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readdirSync(join(file, ".."))).toEqual(["auditrail.keys"]);
  });

  // Windows has no such bits: who may read a file is said in its access list, which Node does not show.
  test.skipIf(process.platform === "win32").each([0o640, 0o604, 0o660, 0o644, 0o620, 0o601])(
    "that others can open (mode %o) is refused",
    (mode) => {
      const file = placeFor();
      createKeyFile(file, { name });
      chmodSync(file, mode);
      const { code, message } = failureOf(() => openKeyFile(file));
      expect([code, message]).toEqual(["KEY_FILE_EXPOSED", expect.stringContaining(`chmod 600 ${file}`)]);
      expect(failureOf(() => rotateKeyFile(file)).code).toBe("KEY_FILE_EXPOSED");
      chmodSync(file, 0o400);
      openKeyFile(file);
    },
  );

  test("that is not there is told apart from one that cannot be used", () => {
    const file = placeFor();
    expect(failureOf(() => openKeyFile(file)).code).toBe("KEY_FILE_MISSING");
    expect(failureOf(() => createKeyFile(join(file, "..", "no", "keys"), { name })).code).toBe("FILE_UNREADABLE");
    mkdirSync(file, { mode: 0o700 });
    expect(failureOf(() => openKeyFile(file)).code).toMatch(/^(FILE_UNREADABLE|KEY_FILE_INVALID)$/);
  });

  test.each([
    ["nothing", () => "# only a comment\n"],
    ["something else", () => "hello\n"],
    ["a key that was cut", () => createSigningKey({ name }).slice(0, -8)],
    ["a verifier key", () => "audit.example.com/shop+00000000+AQ==\n"],
    [
      "keys of a log and of a witness",
      () => `${createSigningKey({ name })}\n${createSigningKey({ name, purpose: "witness" })}\n`,
    ],
    ["one key twice", () => `${createSigningKey({ name })}\n`.repeat(2).replace(/^(.*)\n.*\n$/s, "$1\n$1\n")],
  ])("with %s is refused, and no secret is shown", (_, text) => {
    const file = placeFor();
    const content = text();
    writeFileSync(file, content, { mode: 0o600 });
    const { code, message } = failureOf(() => openKeyFile(file));
    expect(code).toBe("KEY_FILE_INVALID");
    for (const secret of content.matchAll(/[A-Za-z0-9+/=]{30,}/g)) expect(message).not.toContain(secret[0].slice(-20));
  });

  test("takes comments, empty lines and Windows line ends", () => {
    const file = placeFor();
    writeFileSync(file, `# one\r\n\r\n${createSigningKey({ name })}\r\n`, { mode: 0o600 });
    expect(openKeyFile(file).keys).toHaveLength(1);
  });

  test("gets a new key by rotation, the old ones before it", () => {
    const file = placeFor();
    const [first] = createKeyFile(file, { name }).keys;
    const [old, second] = rotateKeyFile(file).keys;
    const { keys } = rotateKeyFile(file, "another.example");
    expect([old!.keyId, keys.map(({ name: of }) => of)]).toEqual([first!.keyId, [name, name, "another.example"]]);
    expect(keys.slice(0, 2).map(({ keyId }) => keyId)).toEqual([first!.keyId, second!.keyId]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });

  test("of a witness stays one", () => {
    const file = placeFor();
    createKeyFile(file, { name, purpose: "witness" });
    expect(rotateKeyFile(file).keys.map(({ type }) => type)).toEqual([
      signatureTypes.cosignature,
      signatureTypes.cosignature,
    ]);
  });
});

test("a new key is another each time, and has a name that keys can have", () => {
  expect(createSigningKey({ name })).not.toBe(createSigningKey({ name }));
  expect(parseSignerKey(createSigningKey({ name }))).toMatchObject({ name, type: signatureTypes.ed25519 });
  for (const wrong of ["", "two words", "a+b", "line\nbreak"]) {
    expect(failureOf(() => createSigningKey({ name: wrong })).code).toBe("VERIFY_KEY_INVALID");
  }
});

test("a key under another name signs the same and is another key to verifiers", () => {
  const key = parseSignerKey(createSigningKey({ name }));
  const named = keyFor(`${name}/default`, key);
  expect(named.sign(Buffer.from("x"))).toEqual(key.sign(Buffer.from("x")));
  expect(named.keyId).not.toBe(key.keyId);
});
