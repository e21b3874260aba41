export { formatDisclosure, parseDisclosure, type Disclosure } from "./disclosure.ts";
export { discloseEvidence } from "./disclosed-evidence.ts";
export { exportEvidence, type ExportedEvidence, type ExportEvidenceOptions } from "./export-evidence.ts";
export { openEvidence, type OpenedEvidence } from "./open-evidence.ts";
export type { ReadSubjectKeys } from "./collect-keys.ts";
