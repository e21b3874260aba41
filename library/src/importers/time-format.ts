/** Times as other systems write them. */

import type { Json } from "../base/canonical-json.ts";
import { readInstant } from "../base/time.ts";
import { instantOf } from "../query/zone.ts";

/** Microseconds since 1970, or `undefined` where the value is not such a time. */
export type ReadTime = (value: Json) => number | undefined;

const secondsPattern = /^-?\d{1,12}(\.\d{1,9})?$/;

/** Named formats; anything else is a pattern. */
export const timeFormats = ["rfc3339", "epoch-seconds", "epoch-milliseconds"];

/** How a time of this format is read, or what is wrong with the format. */
export function createTimeReader(format: string, zone: string): ReadTime | { readonly problem: string } {
  if (format === "rfc3339") return (value) => (typeof value === "string" ? readInstant(value.trim()) : undefined);
  if (format === "epoch-seconds") return (value) => readEpoch(value, 1_000_000);
  if (format === "epoch-milliseconds") return (value) => readEpoch(value, 1000);
  return patternReader(format, zone);
}

/** Numbers may come as text, and with a fraction. */
function readEpoch(value: Json, microsPerUnit: number): number | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (!secondsPattern.test(text) && !/^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return undefined;
  const [whole, fraction = ""] = text.split(".");
  const digits = microsPerUnit === 1000 ? 3 : 6;
  const micros =
    Number(whole) * microsPerUnit +
    (text.startsWith("-") ? -1 : 1) * Number(fraction.padEnd(digits, "0").slice(0, digits));
  return isRepresentable(micros) ? micros : undefined;
}

/** Years 1 to 9999: what RFC 3339 can write. */
function isRepresentable(micros: number): boolean {
  return Number.isSafeInteger(micros) && micros >= -62_135_596_800_000_000 && micros < 253_402_300_800_000_000;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const fieldPatterns: Readonly<Record<string, string>> = {
  yyyy: String.raw`(?<year>\d{4})`,
  MMM: "(?<monthName>[A-Za-z]{3})",
  MM: String.raw`(?<month>\d{2})`,
  M: String.raw`(?<month>\d{1,2})`,
  dd: String.raw`(?<day>\d{2})`,
  d: String.raw`(?<day>\d{1,2})`,
  HH: String.raw`(?<hour>\d{2})`,
  H: String.raw`(?<hour>\d{1,2})`,
  hh: String.raw`(?<hour12>\d{2})`,
  h: String.raw`(?<hour12>\d{1,2})`,
  mm: String.raw`(?<minute>\d{2})`,
  ss: String.raw`(?<second>\d{2})`,
  S: String.raw`(?<fraction>\d{1,9})`,
  a: "(?<half>[AaPp][Mm])",
  Z: String.raw`(?<offset>Z|[+-]\d{2}:?\d{2})`,
};

/** Longest first; quoted text stands for itself, as `''` does for a quote. */
const patternToken = /'((?:[^']|'')*)'|yyyy|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|S+|a|Z|[A-Za-z]+|[^A-Za-z']+/g;

function patternReader(format: string, zone: string): ReadTime | { readonly problem: string } {
  let source = "";
  const seen = new Set<string>();
  for (const [token, quoted] of format.matchAll(patternToken)) {
    const name = /^S+$/.test(token) ? "S" : token;
    const field = fieldPatterns[name];
    if (field === undefined && quoted === undefined && /[A-Za-z]/.test(token)) {
      return {
        problem: `does not know ${JSON.stringify(token)}. A pattern is made of ${Object.keys(fieldPatterns).join(", ")}; other letters stand in single quotes`,
      };
    }
    const group = field === undefined ? undefined : /<(\w+)>/.exec(field)![1]!;
    if (group !== undefined && seen.has(group)) return { problem: `names the ${group} twice` };
    if (group !== undefined) seen.add(group);
    source += field ?? escapePattern(quoted === undefined ? token : quoted === "" ? "'" : quoted.replaceAll("''", "'"));
  }
  const hasDate = seen.has("year") && seen.has("day") && (seen.has("month") || seen.has("monthName"));
  if (!hasDate)
    return {
      problem: `is neither one of ${timeFormats.join(", ")} nor a pattern with year (yyyy), month (MM) and day (dd)`,
    };
  if (seen.has("hour12") && !seen.has("half"))
    return { problem: "has hours of half a day (h), and nothing that says which half (a)" };
  const pattern = new RegExp(`^${source}$`);
  return (value) => (typeof value === "string" ? readMatch(pattern.exec(value.trim())?.groups, zone) : undefined);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`);
}

type Groups = Readonly<Record<string, string | undefined>>;

function readMatch(groups: Groups | undefined, zone: string): number | undefined {
  if (groups === undefined) return undefined;
  const month =
    groups["monthName"] === undefined ? groups["month"] : months.indexOf(groups["monthName"].toLowerCase()) + 1;
  const offset = groups["offset"]?.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const two = (value: string | number | undefined) => String(value ?? 0).padStart(2, "0");
  const fraction = groups["fraction"] === undefined ? "" : `.${groups["fraction"]}`;
  const hour = hourOf(groups);
  if (hour === undefined) return undefined;
  const local = `${groups["year"]}-${two(month)}-${two(groups["day"])}T${two(hour)}:${two(groups["minute"])}:${two(groups["second"])}${fraction}`;
  const micros = readInstant(`${local}${offset ?? "Z"}`);
  return micros === undefined || offset !== undefined ? micros : instantOf(micros, zone);
}

function hourOf({ hour, hour12, half }: Groups): number | undefined {
  if (hour12 === undefined) return Number(hour ?? 0);
  if (Number(hour12) < 1 || Number(hour12) > 12) return undefined;
  return (Number(hour12) % 12) + (half!.toLowerCase() === "pm" ? 12 : 0);
}
