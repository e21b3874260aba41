/** What the application's own functions and values throw must not reach what it is doing. */
export function guarded<Result>(fn: () => Result): Result | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
