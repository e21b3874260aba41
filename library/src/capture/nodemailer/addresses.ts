/** What nodemailer takes as addresses: a text with one or several, an object, or a list of both. */
export type MailAddresses = string | { readonly address?: string } | readonly MailAddresses[] | undefined;

/** The bare addresses: `"Pop, Ana" <ana@example.com>, ben@example.com` has two. */
export function bareAddresses(given: MailAddresses): readonly string[] {
  if (typeof given === "string") return splitAddresses(given);
  if (Array.isArray(given)) return (given as readonly MailAddresses[]).flatMap(bareAddresses);
  const { address } = (given ?? {}) as { readonly address?: string };
  return address === undefined ? [] : [address];
}

const quotedName = /"(?:[^"\\]|\\.)*"/g;

function splitAddresses(text: string): readonly string[] {
  return text
    .replaceAll(quotedName, "")
    .split(/[,;]/)
    .map((each) => (/<([^<>]*)>/.exec(each)?.[1] ?? each).trim())
    .filter((each) => each !== "");
}

/** The text without these addresses: the words of a mail server are kept for ever, and addresses must be erasable. */
export function withoutAddresses(text: string, addresses: readonly string[]): string {
  return addresses.reduce((rest, address) => replaceAllOf(rest, address), text);
}

/** In any case: servers write addresses in their own. */
function replaceAllOf(text: string, address: string): string {
  const literal = address.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replaceAll(new RegExp(literal, "gi"), "[recipient]");
}
