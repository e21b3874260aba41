/** What one check of `doctor` found. */
export interface Finding {
  /** Which check; part of the documented JSON. */
  readonly check: CheckName;
  /** `tampered`: entries were changed or removed after they were recorded. */
  readonly state: "ok" | "warning" | "problem" | "tampered";
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

export const checkNames = [
  "node",
  "sqlite",
  "postgres",
  "inbox",
  "file",
  "trail",
  "integrity",
  "schema",
  "writing",
  "catalogue",
  "entries",
  "counts",
  "gaps",
  "spool",
] as const;
export type CheckName = (typeof checkNames)[number];

export function ok(check: CheckName, says: string): Finding {
  return { check, state: "ok", says };
}

export function warning(check: CheckName, says: string, todo: string): Finding {
  return { check, state: "warning", says, todo };
}

export function problem(check: CheckName, says: string, todo: string): Finding {
  return { check, state: "problem", says, todo };
}

export function tampered(check: CheckName, says: string): Finding {
  return {
    ...{ check, state: "tampered", says },
    todo: "Keep this file as it is and make a copy of it; compare it with a backup, and find out who could write to it.",
  };
}

/** `1 entry`, `2,000 entries`. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
