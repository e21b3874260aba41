/** `entry.key`: the number of the trail and the position in it, as one integer that orders a trail. */

export const entriesPerTrail = 2 ** 32;

export function entryKey(trail: number, seq: number): number {
  return trail * entriesPerTrail + seq;
}

export function seqOfKey(key: number): number {
  return key % entriesPerTrail;
}
