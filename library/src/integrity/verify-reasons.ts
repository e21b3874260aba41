/**
 * The closed list of what a verification can find, with a sentence for each. docs/reference/verification.md has a line for each code.
 *
 * Positions have a class each; a reason says why it is not `OK`. Findings are about the trail as a whole.
 */

/** From the best to the worst: where a position is several, the worst counts. */
export const positionClasses = [
  "OK",
  "PENDING",
  "WITHHELD",
  "PRUNED",
  "REDACTED",
  "SHREDDED",
  "EXTRA",
  "MISSING",
  "ALTERED",
] as const;
export type PositionClass = (typeof positionClasses)[number];

/** The classes that no honest trail has. */
export const tamperedClasses = ["EXTRA", "MISSING", "ALTERED"] as const satisfies readonly PositionClass[];

export interface PositionReason {
  readonly class: PositionClass;
  readonly says: string;
}

export const positionReasons = {
  ENTRY_WITHHELD: {
    class: "WITHHELD",
    says: "Whoever exported this left the entry out. Its leaf hash is what was signed.",
  },
  PRUNED: { class: "PRUNED", says: "The entry was removed, as a checkpointed entry says." },
  REDACTED: { class: "REDACTED", says: "Personal data was erased, as a checkpointed entry says." },
  SHREDDED: {
    class: "SHREDDED",
    says: "The subject's personal data was made unreadable, as a checkpointed entry says.",
  },

  ENTRY_BEYOND_END: { class: "EXTRA", says: "There is an entry after the end of the trail." },
  ENTRY_DUPLICATE: { class: "EXTRA", says: "There is a second entry at this position, or one out of order." },

  ENTRY_MISSING: {
    class: "MISSING",
    says: "There is no entry at this position, and no checkpointed entry says that it was removed.",
  },
  SEALED_PART_MISSING: {
    class: "MISSING",
    says: "Personal data that the entry commits to is gone, and no checkpointed entry says that it was erased.",
  },

  ENTRY_CHANGED: { class: "ALTERED", says: "The entry is not the one that was signed." },
  ENTRY_UNPROVEN: { class: "ALTERED", says: "Nothing leads from this entry to a checkpoint that has to cover it." },
  ENTRY_UNREADABLE: { class: "ALTERED", says: "There is something at this position that cannot be read as an entry." },
  ENTRY_MALFORMED: {
    class: "ALTERED",
    says: "The entry does not say in a readable way what it says about personal data or about the trail.",
  },
  ENTRY_FOREIGN: { class: "ALTERED", says: "The entry names another trail as its own." },
  LEAF_HASH_CHANGED: { class: "ALTERED", says: "The leaf hash kept beside the entry is not that of its bytes." },
  SEALED_PART_CHANGED: { class: "ALTERED", says: "Personal data is not what the entry commits to." },
  SEALED_PART_UNKNOWN: { class: "ALTERED", says: "There is personal data that the entry does not commit to." },
  COLUMN_CHANGED: { class: "ALTERED", says: "A column, target or index does not say what the entry's bytes say." },
} as const satisfies Record<string, PositionReason>;

export type PositionReasonCode = keyof typeof positionReasons;

export const findingReasons = {
  CHECKPOINT_MALFORMED: "A checkpoint cannot be read.",
  CHECKPOINT_FOREIGN: "A checkpoint belongs to another trail.",
  CHECKPOINT_UNSIGNED: "A checkpoint is not signed by a key that the policy trusts.",
  CHECKPOINT_FORGED: "A signature under a checkpoint, by a key that the policy names, is wrong.",
  CHECKPOINT_CHANGED: "Size or root kept beside a checkpoint are not those it was signed with.",
  CHECKPOINT_CONTRADICTED: "The entries are not those that a checkpoint was signed over.",
  REMEMBERED_CONTRADICTED: "The entries are not those of a checkpoint that was remembered from earlier.",
  ANCHOR_PROOF_INVALID: "A proof from the anchor trail does not hold, or is of another checkpoint.",
  TIMESTAMP_INVALID: "A time-stamp does not hold, or is of another checkpoint.",
  QUORUM_UNMET: "No checkpoint is cosigned by those that the policy asks for.",
  TILE_CHANGED: "A tile is not made of the entries under it.",
  TILE_MISSING: "A tile is missing.",
  EDGE_CHANGED: "The kept right edge of the tree is not that of its entries.",
  SIZE_CHANGED: "The kept number of entries is not that of the tree.",
  HOLD_VIOLATED: "Data was erased while a legal hold was on it.",
  INDEX_CHANGED: "Counts or an index do not say what the entries say.",
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof findingReasons;
