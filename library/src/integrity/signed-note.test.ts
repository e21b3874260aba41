import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeUtf8 } from "../base/bytes.ts";
import {
  createSignerKey,
  isKeyName,
  parseSignerKey,
  parseVerifierKey,
  signatureTypes,
  verifierKeyOf,
  type VerifierKey,
} from "./note-key.ts";
import {
  addSignature,
  formatSignedNote,
  maxNoteSignatures,
  parseSignedNote,
  signNote,
  verifyNote,
} from "./signed-note.ts";

// Published with golang.org/x/mod/sumdb/note.
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peterLine =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const enochLine =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const peterSigner = parseSignerKey("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
const peter = parseVerifierKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
const enoch = parseVerifierKey("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop");
// Published with C2SP signed-note: the example of its section on verifier keys, and the poem it begins with (whose key is not published).
const c2spKey = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
const c2spNote =
  "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const poem =
  "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

const malformed = expect.objectContaining({ code: "VERIFY_MALFORMED" });

function open(source: string | Uint8Array, ...keys: readonly VerifierKey[]) {
  const { verified, unknown, ...rest } = verifyNote(parseSignedNote(source), keys);
  return { ...rest, verified: verified.map((one) => one.key.name), unknown: unknown.map((one) => one.name) };
}

test("the published note is written byte for byte, and opens with the published key", () => {
  const note = signNote({ text, signatures: [] }, peterSigner);
  expect(formatSignedNote(note)).toBe(`${text}\n${peterLine}`);
  expect(open(`${text}\n${peterLine}`, peter)).toEqual({ text, verified: ["PeterNeumann"], unknown: [] });
  expect(open(encodeUtf8(c2spNote), c2spKey).verified).toEqual(["example.com/foo"]);
});

test("the text ends at the last empty line, as in the poem of the specification", () => {
  const note = parseSignedNote(poem);
  expect(note.text).toBe("Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n");
  expect(note.signatures.map(({ name, keyId }) => ({ name, keyId }))).toEqual([
    { name: "quasimodo.example/salvatore", keyId: 0x367ba04b },
  ]);
  expect(formatSignedNote(note)).toBe(poem);
});

test("signatures by unknown keys are kept and mean nothing", () => {
  const both = `${text}\n${peterLine}${enochLine}`;
  expect(open(both, peter)).toMatchObject({ verified: ["PeterNeumann"], unknown: ["EnochRoot"] });
  expect(open(both, enoch, peter)).toMatchObject({ verified: ["PeterNeumann", "EnochRoot"], unknown: [] });
  expect(() => open(both)).toThrow(
    expect.objectContaining({ code: "VERIFY_SIGNATURE_MISSING", evidence: { note: both } }),
  );
  expect(formatSignedNote(parseSignedNote(both))).toBe(both);
});

test("a key that shares only its name or only its id is another key", () => {
  const namesake = verifierKeyOf(createSignerKey("PeterNeumann", new Uint8Array(32)));
  expect(() => open(`${text}\n${peterLine}`, namesake)).toThrow(
    expect.objectContaining({ code: "VERIFY_SIGNATURE_MISSING" }),
  );
});

test("repeated signatures count once", () => {
  const wrongEnoch = `${enochLine.slice(0, 60)}ABCD${enochLine.slice(60)}`;
  const note = `${text}\n${peterLine}${peterLine}${enochLine}${enochLine}${wrongEnoch}`;
  expect(open(note, peter)).toEqual({ text, verified: ["PeterNeumann"], unknown: ["EnochRoot", "EnochRoot"] });
});

test("one wrong signature by a known key spoils the note, even beside a right one", () => {
  const wrong = `${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`;
  const refused = expect.objectContaining({ code: "VERIFY_SIGNATURE_INVALID" });
  expect(() => open(`${text}\n${wrong}`, peter)).toThrow(refused);
  expect(() => open(`${text}\n${peterLine}${wrong}`, peter)).toThrow(refused);
  expect(() => open(`${text}more\n\n${peterLine}`, peter)).toThrow(refused);
});

test("two different keys under one name and id are refused before anything is read", () => {
  const forged = { ...enoch, name: peter.name, keyId: peter.keyId };
  expect(() => open(`${text}\n${peterLine}`, peter, forged)).toThrow(
    expect.objectContaining({ code: "VERIFY_KEY_INVALID" }),
  );
  expect(open(`${text}\n${peterLine}`, peter, peter).verified).toEqual(["PeterNeumann"]);
});

test("what is not a note is malformed", () => {
  for (const source of [
    "",
    "\n",
    "\n\n",
    text,
    `${text}\n`,
    `${text}\n${peterLine.slice(0, -1)}`,
    `\u0001${text}\n${peterLine}`,
    `${text}\r\n\n${peterLine}`,
    `\ud800${text}\n${peterLine}`,
    `${text}\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`,
    `${text}\n${peterLine}Unexpected line.\n`,
    `${text}\n${peterLine.replace("—", "-")}`,
    `${text}\n${peterLine.replace("— ", "—")}`,
    `${text}\n— a+b AAAAAAAA\n`,
    `${text}\n— a AAAAAA==\n`,
    `${text}\n— a AAAAAAB=\n`,
    `${text}\n— a AAAAAAAA \n`,
    `${text}\n${peterLine.repeat(maxNoteSignatures + 1)}`,
    "a".repeat(1_000_001),
  ]) {
    expect(() => parseSignedNote(source)).toThrow(malformed);
  }
  expect(() => parseSignedNote(Uint8Array.of(0xff, ...encodeUtf8(`${text}\n${peterLine}`)))).toThrow(malformed);
  expect(parseSignedNote(`${text}\n${peterLine.repeat(maxNoteSignatures)}`).signatures.length).toBe(maxNoteSignatures);
});

test("signing again replaces the earlier signature of the same key", () => {
  const stale = { name: "PeterNeumann", keyId: peter.keyId, signature: new Uint8Array(64) };
  expect(formatSignedNote(signNote({ text, signatures: [stale] }, peterSigner))).toBe(`${text}\n${peterLine}`);
});

test("a note that could not be read back is not written", () => {
  const invalid = expect.objectContaining({ code: "VALUE_INVALID" });
  const signature = { name: "a", keyId: 1, signature: new Uint8Array(1) };
  for (const bad of ["no newline", "", "tab\t\n", "\ud800\n"])
    expect(() => formatSignedNote({ text: bad, signatures: [signature] })).toThrow(invalid);
  expect(() => formatSignedNote({ text, signatures: [{ ...signature, name: "a b" }] })).toThrow(invalid);
  const cosigner = createSignerKey("w", new Uint8Array(32), signatureTypes.cosignature);
  expect(() => signNote({ text, signatures: [] }, cosigner)).toThrow(invalid);
});

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter(isKeyName);
const signatures = fc.record({
  name: names,
  keyId: fc.nat(0xffffffff),
  signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
});
const lines = fc.array(
  fc.string({ unit: "grapheme" }).filter((line) => !/[\u0000-\u001f]/.test(line)),
  { minLength: 1 },
);

test("any note reads back as it was written", () => {
  fc.assert(
    fc.property(lines, fc.array(signatures, { minLength: 1, maxLength: 5 }), (textLines, list) => {
      const note = { text: `${textLines.join("\n")}\n`, signatures: list };
      expect(parseSignedNote(formatSignedNote(note))).toEqual(note);
    }),
  );
});

test("signatures of several keys stand in the order in which they were made", () => {
  const second = createSignerKey("second", new Uint8Array(32).fill(2));
  const note = signNote(signNote({ text, signatures: [] }, peterSigner), second);
  expect(open(formatSignedNote(note), verifierKeyOf(second), peter).verified).toEqual(["PeterNeumann", "second"]);
  expect(addSignature(note, note.signatures[0]!).signatures.map(({ name }) => name)).toEqual([
    "second",
    "PeterNeumann",
  ]);
});
