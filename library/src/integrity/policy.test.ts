import fc from "fast-check";
import { expect, test } from "vitest";

import { cosign } from "./cosignature.ts";
import { leafHash } from "./leaf.ts";
import { createSignerKey, formatVerifierKey, signatureTypes, verifierKeyOf, type SignerKey } from "./note-key.ts";
import { signCheckpoint } from "./open-checkpoint.ts";
import { evaluatePolicy } from "./policy-evaluation.ts";
import { createLogPolicy, formatTlogPolicy, parseTlogPolicy, type TlogPolicy } from "./policy.ts";
import { addSignature, parseSignedNote, type SignedNote } from "./signed-note.ts";

const origin = "example.com/log";
const log = createSignerKey(origin, new Uint8Array(32).fill(1));
const witnesses = new Map<string, SignerKey>(
  ["X1", "X2", "X3", "Y1", "Y2", "Y3"].map((name, place) => [
    name,
    createSignerKey(`witness.example/${name}`, new Uint8Array(32).fill(10 + place), signatureTypes.cosignature),
  ]),
);
const vkey = (key: SignerKey): string => formatVerifierKey(verifierKeyOf(key));
const x1 = vkey(witnesses.get("X1")!);

// The example of C2SP tlog-policy, with keys.
const example = `log ${vkey(log)}

witness X1 ${vkey(witnesses.get("X1")!)}
witness X2 ${vkey(witnesses.get("X2")!)}
witness X3 ${vkey(witnesses.get("X3")!)}
group X-witnesses 2 X1 X2 X3

witness Y1 ${vkey(witnesses.get("Y1")!)}
witness Y2 ${vkey(witnesses.get("Y2")!)}
witness Y3 ${vkey(witnesses.get("Y3")!)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

function noteSignedBy(names: readonly string[], by: SignerKey = log, of = origin): SignedNote {
  const signed = parseSignedNote(signCheckpoint({ origin: of, size: 1, root: leafHash("a") }, [by]));
  return names.reduce((note, name) => addSignature(note, cosign(note.text, witnesses.get(name)!, 100)), signed);
}

function outcome(policy: TlogPolicy, note: SignedNote): unknown {
  try {
    return evaluatePolicy(policy, note);
  } catch (error) {
    return error;
  }
}

test("the example of the specification asks for two of X and one of Y", () => {
  const policy = parseTlogPolicy(example);
  fc.assert(
    fc.property(fc.subarray([...witnesses.keys()]), (names) => {
      const enough =
        names.filter((name) => name.startsWith("X")).length >= 2 && names.some((name) => name.startsWith("Y"));
      const reached = { witnesses: names.map((name) => ({ name, timeSeconds: 100 })) };
      const unmet = { code: "VERIFY_POLICY_UNMET", details: { quorum: "X-and-Y", signed: names } };
      expect(outcome(policy, noteSignedBy(names))).toMatchObject(enough ? reached : unmet);
    }),
    { numRuns: 64 },
  );
});

test("a policy reads back as it was written", () => {
  const policy = parseTlogPolicy(example);
  const plain = (read: TlogPolicy): unknown => JSON.parse(JSON.stringify(read));
  expect(plain(parseTlogPolicy(formatTlogPolicy(policy)))).toEqual(plain(policy));
  expect(formatTlogPolicy(createLogPolicy([verifierKeyOf(log)]))).toBe(`log ${vkey(log)}\nquorum none\n`);
  expect(policy.groups.map((group) => group.threshold)).toEqual([2, 1, 2]);
});

test("comments, tabs, URLs and names that are not ASCII are read", () => {
  const policy = parseTlogPolicy(
    ` # comment\n\t\nlog\t${vkey(log)}  https://log.example/ \nwitness Zürich ${x1} https://w.example/\n  quorum Zürich\t\n`,
  );
  expect(policy.logs[0]!.url).toBe("https://log.example/");
  expect(policy.witnesses[0]).toMatchObject({ name: "Zürich", url: "https://w.example/" });
});

test("what is not exactly a policy is refused with the number of its line", () => {
  const start = `log ${vkey(log)}\nwitness A ${x1}\n`;
  const wrong: readonly (readonly [string, number | undefined])[] = [
    ["", undefined],
    ["quorum none", undefined],
    [`log ${vkey(log)}\n`, undefined],
    ["quorum none\nquorum none\n", 2],
    ["quorum A\n", 1],
    ["quorum\n", 1],
    ["quorum none none\n", 1],
    ["qorum none\n", 1],
    ["Quorum none\n", 1],
    ["log\n", 1],
    ["log nonsense\n", 1],
    [`log ${x1} a b\n`, 1],
    [`log ${vkey(log)}\nlog ${vkey(log)}\n`, 2],
    [`witness A ${vkey(log)}\n`, 1],
    [`${start}witness B ${x1}\n`, 3],
    [`${start}witness A ${vkey(witnesses.get("X2")!)}\n`, 3],
    [`witness none ${x1}\n`, 1],
    [`${start}group G all\n`, 3],
    [`${start}group G 0 A\n`, 3],
    [`${start}group G 2 A\n`, 3],
    [`${start}group G 01 A\n`, 3],
    [`${start}group G some A\n`, 3],
    [`${start}group G any B\n`, 3],
    [`${start}group G any G\n`, 3],
    [`${start}group G any none\n`, 3],
    [`${start}group G any A A\n`, 3],
    [`${start}group G any A\ngroup H any A\n`, 4],
    [`${start}group A any A\n`, 3],
    ["quorum none\r\n", 1],
    ["quorum\u00a0none\n", 1],
    ["# \u007f\nquorum none\n", 1],
  ];
  for (const [text, line] of wrong) {
    const details = line === undefined ? {} : { line };
    expect(() => parseTlogPolicy(text)).toThrow(expect.objectContaining({ code: "VERIFY_POLICY_INVALID", details }));
  }
});

test("a policy that the format cannot express is not written", () => {
  const policy = { ...createLogPolicy([verifierKeyOf(log)]), quorum: "nobody" };
  expect(() => formatTlogPolicy(policy)).toThrow(expect.objectContaining({ code: "VERIFY_POLICY_INVALID" }));
});

test("a log vouches only for its own origin", () => {
  const policy = createLogPolicy([verifierKeyOf(log)]);
  const mismatch = expect.objectContaining({ code: "VERIFY_ORIGIN_MISMATCH" });
  expect(() => evaluatePolicy(policy, noteSignedBy([], log, "example.com/other"))).toThrow(mismatch);
  const other = createSignerKey(origin, new Uint8Array(32).fill(2));
  expect(() => evaluatePolicy(policy, noteSignedBy([], other))).toThrow(
    expect.objectContaining({ code: "VERIFY_SIGNATURE_MISSING" }),
  );
});

test("witnesses alone do not make a checkpoint, and no policy goes without a log", () => {
  const policy = parseTlogPolicy(`witness A ${x1}\nquorum A\n`);
  const note = noteSignedBy(["X1"]);
  expect(() => evaluatePolicy(policy, note)).toThrow(expect.objectContaining({ code: "VERIFY_POLICY_INVALID" }));
  expect(evaluatePolicy(policy, note, [verifierKeyOf(log)]).logKeys.map((key) => key.name)).toEqual([origin]);
});

test("a wrong cosignature by a witness of the policy is refused, even when the quorum does not need it", () => {
  const note = noteSignedBy(["X1", "X2", "X3", "Y1"]);
  const third = note.signatures[3]!;
  const wrong = third.signature.with(71, third.signature[71]! ^ 1);
  expect(() => evaluatePolicy(parseTlogPolicy(example), addSignature(note, { ...third, signature: wrong }))).toThrow(
    expect.objectContaining({
      code: "VERIFY_SIGNATURE_INVALID",
      details: expect.objectContaining({ name: "witness.example/X3" }),
    }),
  );
});
