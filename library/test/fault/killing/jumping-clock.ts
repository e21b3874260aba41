/**
 * Where AUDITRAIL_TEST_CLOCK is set, the system's clock as this process sees it jumps every few milliseconds, forth and
 * back, by seconds to days: in every thread that imports this before all else, and in all processes alike.
 */

const seed = process.env["AUDITRAIL_TEST_CLOCK"];
const second = 1_000;
const jumps = [0, 0, 1, -1, 30, -30, 3_600, -3_600, 2 * 86_400, -2 * 86_400].map((seconds) => seconds * second);
/** How long the clock goes on from where it has jumped to. */
const stepMs = 7;

if (seed !== undefined) {
  const now = Date.now.bind(Date);
  Date.now = () => {
    const at = now();
    return at + jumps[mix(Math.floor(at / stepMs) + Number(seed)) % jumps.length]!;
  };
}

/** Neighbouring numbers become unlike ones (the finaliser of MurmurHash3). */
function mix(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
