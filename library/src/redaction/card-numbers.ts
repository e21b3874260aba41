/**
 * Payment card numbers: 13 to 19 digits, in the groups that cards print, with an issuer's prefix at a length that
 * the issuer uses, and with a valid check digit (ISO/IEC 7812-1). All of it, because order numbers are digits too.
 */

const grouped = String.raw`\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{4}([ -])\d{4}\3\d{4}\3\d{4}\3\d{1,3}`;

/** Finds what may be a card number; {@link isCardNumber} decides. */
export const cardCandidate = new RegExp(
  String.raw`(?<![A-Za-z0-9_]|\d\.)(?:${grouped}|\d{13,19})(?![A-Za-z0-9_]|\.\d)`,
  "g",
);

/** Issuer prefixes with the lengths they come in. */
const issuers: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:30[0-5]|3[689])/, [14]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16]], // JCB
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]], // Maestro
  [/^220[0-4]/, [16, 17, 18, 19]], // Mir
  [/^(?:60|81|82|508)/, [16]], // RuPay
  [/^50(?:609[9]|61\d)/, [16, 18, 19]], // Verve
];

export function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, "");
  if (digits.length < 13 || digits.length > 19 || !passesLuhn(digits)) return false;
  return issuers.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
}

/** Numbers reach 2^53, which has 16 digits: enough for most cards. */
export function isCardNumberValue(value: number): boolean {
  return value >= 1e12 && Number.isSafeInteger(value) && isCardNumber(String(value));
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    sum += index % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}
