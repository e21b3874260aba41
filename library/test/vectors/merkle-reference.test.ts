import { expect, test } from "vitest";

import { decodeBase64 } from "../../src/base/bytes.ts";
import { verifyConsistency, verifyInclusion, VerificationError } from "../../src/integrity/index.ts";
import { missingReferenceVectors, readVectorFiles } from "./reference-vectors.ts";

interface InclusionCase {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

interface ConsistencyCase {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

function verifies(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

const bytes = (text: string | null): Uint8Array => decodeBase64(text ?? "");
const proofOf = (proof: readonly string[] | null): readonly Uint8Array[] => (proof ?? []).map(bytes);

test("the 196 Merkle cases of transparency-dev come out as published", (context) => {
  const reason = missingReferenceVectors();
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
    context.skip(reason);
  }
  const wrong: string[] = [];
  const inclusion = readVectorFiles("merkle/inclusion");
  for (const { name, text } of inclusion) {
    const { leafIdx, treeSize, root, leafHash, proof, wantErr } = JSON.parse(text) as InclusionCase;
    const claim = { index: leafIdx, size: treeSize, root: bytes(root), leafHash: bytes(leafHash), proof: proofOf(proof) };
    if (verifies(() => verifyInclusion(claim)) === wantErr) wrong.push(`inclusion/${name}`);
  }
  const consistency = readVectorFiles("merkle/consistency");
  for (const { name, text } of consistency) {
    const { size1, size2, root1, root2, proof, wantErr } = JSON.parse(text) as ConsistencyCase;
    const claim = { oldSize: size1, oldRoot: bytes(root1), newSize: size2, newRoot: bytes(root2), proof: proofOf(proof) };
    if (verifies(() => verifyConsistency(claim)) === wantErr) wrong.push(`consistency/${name}`);
  }
  expect(wrong).toEqual([]);
  expect(inclusion.length + consistency.length).toBe(196);
});
