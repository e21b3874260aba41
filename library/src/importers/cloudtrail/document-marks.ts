/** What documents and records of CloudTrail begin with. */

/** How a document begins. */
export const opening = /^\s*(?:\{\s*"(?:Records|Events)"\s*:\s*)?\[/;
/** An opening may have white space in it, but hardly more than this. */
export const longestOpening = 256;

/** How every record begins: where the brackets do not add up, reading goes on at the next one of these. */
const recordStart = /\{\s*"eventVersion"\s*:/g;
export const firstMember = '"eventVersion"';
export const longestRecordStart = 64;

/** Where the next record begins, at or behind `from`. */
export function findRecordStart(buffer: Buffer, from: number): number | undefined {
  recordStart.lastIndex = 0;
  const match = recordStart.exec(buffer.toString("latin1", from));
  return match === null ? undefined : from + match.index;
}
