/** What an expectation finds different in a value: the paths, with both sides, for a person to read. */

/** Where expected and found differ, such as `data.total: expected 12, found 13`; empty where they agree. */
export function listDifferences(expected: unknown, found: unknown, path = ""): string[] {
  if (expected instanceof RegExp) {
    const fits =
      typeof found === "string" && new RegExp(expected.source, expected.flags.replaceAll(/[gy]/g, "")).test(found);
    return fits ? [] : [difference(path, String(expected), found)];
  }
  if (isAsymmetricMatcher(expected))
    return expected.asymmetricMatch(found) ? [] : [difference(path, describeMatcher(expected), found)];
  if (Array.isArray(expected)) return listDifferencesOfLists(expected, found, path);
  if (isObject(expected)) {
    if (!isObject(found)) return [difference(path, show(expected), found)];
    return Object.keys(expected).flatMap((name) =>
      listDifferences(expected[name], found[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return Object.is(expected, found) ? [] : [difference(path, show(expected), found)];
}

/** A list is meant whole: each item in its place, and no others. */
function listDifferencesOfLists(expected: readonly unknown[], found: unknown, path: string): string[] {
  if (!Array.isArray(found)) return [difference(path, show(expected), found)];
  const items: readonly unknown[] = found;
  const length = Math.max(expected.length, items.length);
  return Array.from({ length }, (_, index) => {
    const at = `${path}[${index}]`;
    if (index >= expected.length) return [`${at}: expected no further item, found ${show(items[index])}`];
    return listDifferences(expected[index], items[index], at);
  }).flat();
}

/** What `expect.any(String)` and its siblings are, in vitest, Jest and others alike. */
interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** Most have a `toString` of their own: `Any<String>`. */
function describeMatcher(matcher: { toString(): string }): string {
  return matcher.toString();
}

function isAsymmetricMatcher(value: unknown): value is AsymmetricMatcher {
  return isObject(value) && typeof value["asymmetricMatch"] === "function";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function difference(path: string, expected: string, found: unknown): string {
  return `${path === "" ? "it" : path}: expected ${expected}, found ${show(found)}`;
}

const longestShown = 200;

/** A value on one line, cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value as symbol);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
