import { BlockList, isIP } from "node:net";

import { AuditError, quote } from "../base/errors.ts";

/** Finds the client's address: the peer's, or what trusted proxies say of it in X-Forwarded-For. */
export type FindAddress = (peer: string | undefined, forwardedFor: string | undefined) => string;

/**
 * `trusted` are addresses and networks (`10.0.0.0/8`). Of X-Forwarded-For the last address counts that is not one of them: what stands
 * before it, the client can have written itself. Errors: `OPTION_INVALID`.
 */
export function createFindAddress(trusted: readonly string[]): FindAddress {
  const list = new BlockList();
  for (const each of trusted) addTo(list, each);
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (peer, forwardedFor = "") => {
    let address = plain(peer ?? "unknown");
    if (forwardedFor === "" || trusted.length === 0) return address;
    const forwarded = forwardedFor.split(",").map((each) => plain(each.trim()));
    while (isTrusted(address) && isIP(forwarded.at(-1) ?? "") !== 0) address = forwarded.pop()!;
    return address;
  };
}

/** IPv4 as it comes through a socket for both. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function addTo(list: BlockList, text: string): void {
  const [address = "", bits] = text.split("/", 2);
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
    throw new AuditError(
      "OPTION_INVALID",
      `Cannot trust the proxy ${quote(text)}: expected an address, or a network such as 10.0.0.0/8.`,
    );
  }
  list.addSubnet(address, Number(bits ?? most), family === 6 ? "ipv6" : "ipv4");
}
