const number = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** The number that a text is, in plain or exponent form; `undefined` for anything else. */
export function parseNumber(text: string): number | undefined {
  if (!number.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}

const decimal = /^-?[0-9]+(\.[0-9]+)?$/;

/** How much of a decimal is compared, in characters: as many digits as every database reads to the same double. */
export const comparedLength = 18;

/**
 * The number that a text in an event stands for when it is compared: plain decimals only, such as `"12.50"`, as the
 * nearest double of their first 18 characters. `undefined` for anything else.
 *
 * Databases differ in how they round longer decimals, hence the cut; integer digits behind it count as zeros.
 */
export function decimalNumber(text: string): number | undefined {
  if (!decimal.test(text)) return undefined;
  const integerLength = (text + ".").indexOf(".");
  return Number(`${text.slice(0, comparedLength)}e${Math.max(0, integerLength - comparedLength)}`);
}

/** A decimal without what does not change its value: `12.50` and `12.5` are one. Other texts may lose a tail too, alike. */
export function trimDecimal(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.+$/, "") : text;
}
