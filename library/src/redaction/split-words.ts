const word = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}\p{Lm}]+|\p{N}+/gu;

/** The words of a name in lower case, however it joins them: `accessKeyID`, `access_key_id`, `Access-Key-Id`. */
export function splitWords(name: string): string[] {
  return (name.match(word) ?? []).map((part) => part.toLowerCase());
}
