/** A CloudTrail record, as far as it is read here (docs.aws.amazon.com, "CloudTrail record contents"); any member may be missing or odd. */

export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is a filled text. */
export function textOf(members: Members | undefined, name: string): string | undefined {
  const value = members?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A member that is an object. */
export function membersOf(members: Members | undefined, name: string): Members | undefined {
  const value = members?.[name];
  return isMembers(value) ? value : undefined;
}

/** The members of `made` that have a value. */
export function withoutMissing<Made extends object>(
  made: Made,
): { [Name in keyof Made]: Exclude<Made[Name], undefined> } {
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as never;
}
