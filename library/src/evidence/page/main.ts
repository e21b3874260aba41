/** The page's script: opens the evidence that lies in the page, verifies it, shows it. */

import type { FileEvidence } from "../../integrity/evidence-files.ts";
import { createLogPolicy, parseTlogPolicy, type TlogPolicy } from "../../integrity/policy.ts";
import { parseVerifierKey } from "../../integrity/note-key.ts";
import type { PositionClass } from "../../integrity/verify-reasons.ts";
import type { VerificationReport } from "../../integrity/verify-report.ts";
import { verifyTrail } from "../../integrity/verify-trail.ts";
import { discloseEvidence } from "../disclosed-evidence.ts";
import { parseDisclosure } from "../disclosure.ts";
import { button, element, visible } from "./elements.ts";
import { listEntries, loadEvidence } from "./load-page.ts";
import { showEntries } from "./show-entries.ts";
import { showCounts, showDetails, showUnreadable, showVerdict } from "./show-verdict.ts";

const page = document.getElementById("page")!;
const block = document.getElementById("evidence")!;

interface Shown {
  readonly evidence: FileEvidence;
  /** What the reader trusts; `undefined` while that is nothing yet. */
  readonly trusted: TlogPolicy | undefined;
}

async function start(): Promise<void> {
  page.replaceChildren(element("p", "dim", "Verifying …"));
  try {
    await show({ evidence: await loadEvidence(block.textContent), trusted: undefined });
  } catch (error) {
    page.replaceChildren(element("h1", "", "Audit trail"), showUnreadable(error));
  }
}

async function show(shown: Shown): Promise<void> {
  const { evidence, trusted } = shown;
  const report = await verify(shown);
  const entries = await listEntries(evidence);
  page.replaceChildren(
    element("p", "dim", "Audit trail, as evidence"),
    element("h1", "", visible(evidence.origin)),
    showVerdict(report),
    showCounts(report),
    showDetails(report),
    askForTrust(shown),
    showEntries(entries, createStateOf(report)),
  );
  document.documentElement.dataset["verdict"] =
    trusted === undefined && report.verdict === "unproven" ? "consistent" : report.verdict;
}

/** By what the reader trusts; until then by the policy that came along, of which nobody knows whose it is. */
async function verify({ evidence, trusted }: Shown): Promise<VerificationReport> {
  if (trusted !== undefined) return verifyTrail(evidence, trusted);
  const policy = evidence.policy === undefined ? undefined : parseTlogPolicy(evidence.policy);
  return verifyTrail(evidence, policy, { isPolicyUntrusted: true });
}

function createStateOf({ positions, provenSize }: VerificationReport): (seq: number) => PositionClass {
  const states = new Map<number, PositionClass>();
  for (const { from, to, class: is } of positions)
    for (let seq = from; seq < Math.min(to, from + 1_000_000); seq += 1) states.set(seq, is);
  return (seq) => states.get(seq) ?? (seq < provenSize ? "OK" : "PENDING");
}

/** Fields for what the reader got on another way: the key or policy to trust, and the disclosure file. */
function askForTrust(shown: Shown): HTMLElement {
  const key = element("textarea", "mono");
  Object.assign(key, {
    rows: 2,
    placeholder: "The verifier key or policy that you know, from elsewhere",
    ariaLabel: "Key or policy to trust",
  });
  const says = element("p", "dim");
  const attempt = (work: () => Promise<void>): void => {
    work().catch(
      (error: unknown) => void (says.textContent = visible(error instanceof Error ? error.message : String(error))),
    );
  };
  const verifyAgain = button("Verify by it", () =>
    attempt(async () => show({ ...shown, trusted: readTrust(key.value.trim()) })),
  );
  const file = element("input", "");
  Object.assign(file, { type: "file", id: "disclosure", accept: ".json", ariaLabel: "Disclosure file" });
  file.addEventListener("change", () =>
    attempt(async () => {
      const disclosure = parseDisclosure(new Uint8Array(await file.files![0]!.arrayBuffer()));
      await show({ ...shown, evidence: discloseEvidence(shown.evidence, disclosure) });
    }),
  );
  return element(
    "details",
    "",
    element("summary", "", "Whom to trust, and personal data"),
    element("p", "dim", "The policy that came with this page:"),
    element("pre", "", visible(shown.evidence.policy ?? "none")),
    element("div", "asking", key, verifyAgain),
    element("div", "asking", element("label", "", "Open personal data with the disclosure file: ", file)),
    says,
  );
}

/** A verifier key, or a whole policy. Errors: `VERIFY_KEY_INVALID`, `VERIFY_POLICY_INVALID`. */
function readTrust(text: string): TlogPolicy {
  return /^(log|witness|group|quorum)\s/m.test(text)
    ? parseTlogPolicy(`${text}\n`)
    : createLogPolicy([parseVerifierKey(text)]);
}

void start();
