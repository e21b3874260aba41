/**
 * Counts how often a text came before, for sources whose records may repeat word for word: two failed log-ins in one
 * second are two events.
 *
 * Keeps 52 bits of each text's digest in a flat table: 8 to 24 bytes a record, 16 MB for a million. Two texts that share these
 * bits are counted as one, which costs nothing: the count is only there to tell equal texts apart, and it is the
 * same at every run over the same source.
 */
export class RepeatCounter {
  /** Open addressing; 0 is an empty place. */
  #table = new Float64Array(1 << 12);
  #used = 0;
  /** Counts above one. */
  readonly #repeated = new Map<number, number>();

  /** How many times the text of this digest was counted, this time included: 1 for a new one. */
  count(digest: Uint8Array): number {
    const key = keyOf(digest);
    if (this.#insert(key)) return 1;
    const count = (this.#repeated.get(key) ?? 1) + 1;
    this.#repeated.set(key, count);
    return count;
  }

  /** Whether it was new. */
  #insert(key: number): boolean {
    if (!insertInto(this.#table, key)) return false;
    this.#used += 1;
    if (this.#used * 3 > this.#table.length * 2) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Float64Array(this.#table.length * 2);
    for (const key of this.#table) if (key !== 0) insertInto(larger, key);
    this.#table = larger;
  }
}

function insertInto(table: Float64Array, key: number): boolean {
  const last = table.length - 1;
  let place = key % table.length;
  while (table[place] !== 0) {
    if (table[place] === key) return false;
    place = (place + 1) & last;
  }
  table[place] = key;
  return true;
}

/** 52 bits and never 0. */
function keyOf(digest: Uint8Array): number {
  const view = new DataView(digest.buffer, digest.byteOffset);
  return view.getUint32(0) * 0x10_0000 + (view.getUint32(4) >>> 12) + 1;
}
