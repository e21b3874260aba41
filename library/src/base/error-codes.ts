/**
 * Every error code, in one place: what it means, whose doing it is, and whether trying again can help.
 *
 * `docs/reference/errors.md` has a section for each code; a test compares the two in both directions.
 * Codes are `AREA_PROBLEM` and never change their meaning once released.
 */

/** Who has to act: the calling code, the machine around it, whoever altered the data, or us. */
export type Fault = "caller" | "environment" | "attacker" | "bug";

export interface ErrorCodeInfo {
  readonly says: string;
  readonly fault: Fault;
  /** Whether the same call can succeed later without anybody changing it. */
  readonly retry: boolean;
}

const caller = (says: string): ErrorCodeInfo => ({ says, fault: "caller", retry: false });
const environment = (says: string, retry: boolean): ErrorCodeInfo => ({ says, fault: "environment", retry });
const bug = (says: string): ErrorCodeInfo => ({ says, fault: "bug", retry: false });
const attacker = (says: string): ErrorCodeInfo => ({ says, fault: "attacker", retry: false });

export const errorCodes = {
  // Set-up and options
  OPTION_UNKNOWN: caller("An option is not one that this function knows."),
  OPTION_INVALID: caller("An option has a value that cannot be used."),
  RUNTIME_UNSUPPORTED: environment("The Node or SQLite version is one that cannot keep our promises.", false),

  // Catalogue
  CATALOGUE_INVALID: caller("A log or an action is defined in a way that cannot work."),
  ACTION_UNKNOWN: caller("The action is not in the catalogue."),

  // Event
  EVENT_INVALID: caller("The event does not have the shape that its action and the event format ask for."),
  EVENT_TOO_LARGE: caller("The event does not fit into an entry even after its largest fields were cut."),
  ACTOR_MISSING: caller("A strict trail was given an event without an actor."),
  TRANSACTION_REQUIRED: caller("An atomic action was recorded outside a transaction."),
  TRANSACTION_INVALID: caller("The handle given as a transaction is not one that this store can write through."),
  CONTEXT_INVALID: caller("A serialised context cannot be read back."),

  // Recording
  ID_CONFLICT: caller("Another event with the same id is already in the trail."),
  TRAIL_CLOSED: caller("The trail was closed and takes no more events."),
  TRAIL_OVERLOADED: environment("More events are waiting than the trail may hold; nothing was recorded.", true),
  SPOOL_FULL: environment("The store fails and the spool that stands in for it has reached its limit.", true),
  SPOOL_FAILED: environment("The store fails and the spool cannot be written either.", true),
  SPOOL_CORRUPT: environment("A spool file holds a record that was acknowledged but can no longer be read.", false),

  // Stores
  STORE_NOT_FOUND: caller("There is no trail at that place."),
  STORE_EXISTS: caller("There already is a trail at that place."),
  STORE_FOREIGN: caller("The file is a database, or not even that, but not a trail of ours."),
  STORE_NEWER: environment("The trail was written by a newer version of this library.", false),
  STORE_CORRUPT: environment("The database file is damaged.", false),
  STORE_READ_ONLY: environment("The database, or the directory it is in, cannot be written.", false),
  STORE_FULL: environment("There is no space left for the database.", true),
  STORE_LOCKED: environment("Another connection holds the database's write lock for longer than we wait.", true),
  STORE_CLOSED: caller("The store was closed."),
  STORE_UNSAFE: environment("The database does not give the durability that an acknowledgement promises.", false),
  STORE_FAILED: environment("The database failed in a way that has no code of its own.", true),
  ENTRY_NOT_FOUND: caller("There is no entry with that position or id."),

  // Captures
  CAPTURE_MISSING: caller("The database captures no changes."),

  // Asking
  QUERY_INVALID: caller("The query cannot be read."),
  CURSOR_INVALID: caller("The cursor is not one that this query gave."),

  // Values and formats
  VALUE_INVALID: caller("A value is not in the format it has to have."),
  CANONICAL_UNREPRESENTABLE: caller("A value has no canonical JSON form."),

  // Sealing: signing what the trees say, and others remembering it
  KEY_FILE_MISSING: caller("There is no key file at that place."),
  KEY_FILE_EXISTS: caller("There already is a key file at that place."),
  KEY_FILE_INVALID: caller("A key file does not hold keys that can be used."),
  KEY_FILE_EXPOSED: environment("A key file can be read by others than its owner.", false),
  GUARD_MISSING: environment(
    "Checkpoints were signed about a trail, and the record of the last one is not there.",
    false,
  ),
  GUARD_INVALID: environment("The record of the last signed checkpoint cannot be believed.", false),
  GUARD_LOCKED: environment("Another process is signing for the same trails and does not finish.", true),
  SIGNING_REFUSED: attacker("A trail does not continue what was signed about it last, so nothing more is signed."),
  EPOCH_NEEDLESS: caller("There is no trail that needs a new epoch."),
  SEALING_CLOSED: caller("The sealing was closed and signs no more."),
  WITNESS_UNREACHABLE: environment("A witness did not answer, or not in time.", true),
  WITNESS_REFUSED: environment("A witness does not accept what it was sent.", false),
  WITNESS_CONFLICT: attacker("A witness has cosigned another history of the trail."),
  TIMESTAMP_FAILED: environment("No time-stamp could be got from the time-stamping authority.", true),

  // Erasing
  ERASURE_HELD: caller("A legal hold covers what is to be erased."),
  ERASURE_INVALID: caller("The entry announces no erasure that can be carried out."),
  ERASURE_UNSEALED: environment(
    "The entry that announces an erasure is in no signed checkpoint, so nothing may be removed yet.",
    true,
  ),
  HOLD_NOT_FOUND: caller("There is no such legal hold in force."),

  // Evidence
  EVIDENCE_UNSEALED: caller("There is no signed checkpoint that evidence could be proved by."),
  EVIDENCE_TOO_LARGE: caller("Evidence is too large for a page that a browser opens."),

  // Import and export
  IMPORT_INVALID: caller("An import file or its mapping cannot be read."),
  IMPORT_INTERRUPTED: environment("An import stopped before its end; run it again to continue.", true),
  FILE_UNREADABLE: environment("A file cannot be read or written.", false),
  USAGE_INVALID: caller("The command line cannot be understood."),

  // Proofs
  PROOF_UNSIGNED: caller("No checkpoint covers the entry yet, so there is nothing to prove it by."),

  // The server
  SESSION_REQUIRED: caller("The request carries no session, key or token that is in force."),
  SIGN_IN_FAILED: caller("The name and the password do not belong together."),
  SIGN_IN_DELAYED: {
    says: "There were too many failed tries; the next one has to wait.",
    fault: "caller",
    retry: true,
  },
  ACCESS_DENIED: caller("The caller is known, and may not do this."),
  REQUEST_FORGED: caller("The request may have been made by another site than ours, so it was not carried out."),
  REQUEST_INVALID: caller("The request does not have the shape that its route asks for."),
  REQUEST_TOO_LARGE: caller("The request's body is larger than the server takes."),
  ROUTE_NOT_FOUND: caller("The server has no such route."),
  METHOD_NOT_ALLOWED: caller("The route is there, but not with that method."),
  QUERY_PERSONAL: caller("The query asks for personal data that this reader may not see."),
  SET_UP_INVALID: caller("The set-up link cannot be used."),
  PERSON_EXISTS: caller("There already is a person with that name."),
  PERSON_NOT_FOUND: caller("There is no such person."),
  KEY_NOT_FOUND: caller("There is no such API key in force."),
  SEARCH_NOT_FOUND: caller("There is no such saved search of this person."),
  HAND_OVER_INVALID: caller("The link by which an application hands a person over cannot be used."),
  EMBED_INVALID: caller("The embed token is not one of ours, or has run out."),
  SERVER_BUSY: environment("The server has as many requests of this kind open as it takes.", true),
  SERVER_FAILED: bug("Something went wrong that should not have been possible."),

  // Verification: what a verifier says of bytes that it does not trust
  VERIFY_MALFORMED: attacker("Bytes that should be a note, a tile, a proof or a checkpoint are not well formed."),
  VERIFY_PROOF_FAILED: attacker("A proof does not lead from what it proves to the root."),
  VERIFY_SIGNATURE_MISSING: attacker("A note carries no signature by the key that is asked for."),
  VERIFY_SIGNATURE_INVALID: attacker("A signature by a known key does not match the text."),
  VERIFY_KEY_INVALID: caller("A verifier key or signer key cannot be read."),
  VERIFY_POLICY_INVALID: caller("A verification policy cannot be read."),
  VERIFY_POLICY_UNMET: attacker("A checkpoint is not signed by those that the policy asks for."),
  VERIFY_ORIGIN_MISMATCH: attacker("A checkpoint or an entry belongs to another trail."),
  VERIFY_COMMITMENT_FAILED: attacker("Sealed personal data does not match its commitment in the entry."),
  VERIFY_TIMESTAMP_INVALID: attacker("A time-stamp is not one of that text by an authority that is trusted."),
} as const satisfies Record<string, ErrorCodeInfo>;

export type ErrorCode = keyof typeof errorCodes;
