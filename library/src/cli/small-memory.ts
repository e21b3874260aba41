import { setFlagsFromString } from "node:v8";

/**
 * For commands that take a whole trail through: they make much garbage and keep little. Left alone, V8 answers with an ever
 * larger young generation: 280 MB of memory instead of 185 for an export, at the same speed.
 */
export function keepMemorySmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
