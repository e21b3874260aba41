export { observe } from "./observe.ts";
export type { ObservedTrail, ObserveOptions } from "./observe.ts";
export type { ChangeKind, Observation, SeenRoute, SeenTable, SilentWrite } from "./observation.ts";
export { appendObservation, readObservations } from "./observation-file.ts";
export { assessCoverage } from "./assess-coverage.ts";
export { hasGap } from "./report.ts";
export type { CoverageLine, CoverageReport, CoverageState } from "./report.ts";
export { formatCoverageHtml } from "./html-report.ts";
export type { InventoryItem, InventoryKind } from "../event/inventory.ts";
