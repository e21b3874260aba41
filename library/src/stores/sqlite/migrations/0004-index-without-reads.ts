/** Of what is no event any more, nothing is known, and it has to be found like everything else. */
export const isNoRead = "CASE WHEN json_valid(entry) THEN entry ->> '$.op' END IS NOT 'read'";

/**
 * What people look at is everything but reads (`-op:read`), and every look is a read: the newest entries are soon nothing else, and
 * each of them was fetched and parsed to be passed over. A query finds this index by the very same words.
 */
export const indexWithoutReads = `
CREATE INDEX auditrail_entry_no_read ON auditrail_entry (trail, time) WHERE ${isNoRead};
`;
