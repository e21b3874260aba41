/** Customer numbers such as `C-BKM-7`: three letters that nobody takes for another, and a check digit. */

/** No vowels, so that no word comes out; no L, S or Z, which are read as 1, 5 and 2. */
const letters = "BCDFGHJKMNPQRTVWXY";
const pattern = new RegExp(`^C-([${letters}]{3})-(\\d)$`);
const weights = [1, 3, 7] as const;

/** How many numbers there are. */
export const customerNumbers = letters.length ** 3;

/** The customer number at a place from 0 to {@link customerNumbers} - 1. */
export function customerNumberAt(place: number): string {
  const places = [Math.floor(place / letters.length ** 2), Math.floor(place / letters.length), place];
  const text = places.map((each) => letters[each % letters.length]).join("");
  return `C-${text}-${checkDigit(text)}`;
}

export function isCustomerNumber(text: string): boolean {
  const [, body, digit] = pattern.exec(text) ?? [];
  return body !== undefined && checkDigit(body) === Number(digit);
}

/** The weights share no factor with 10, so a letter that is misread changes the digit, unless it is ten places away. */
function checkDigit(text: string): number {
  return Array.from(text).reduce((total, letter, index) => total + letters.indexOf(letter) * weights[index]!, 0) % 10;
}
