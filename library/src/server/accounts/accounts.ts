import { createIdSource } from "../../base/ids.ts";
import type { Clock } from "../../base/time.ts";
import { openAccountsFile, type AccountsFile } from "./accounts-file.ts";
import { createAttempts, type Attempts } from "./attempts.ts";
import { createHandedOver, type HandedOver } from "./handed-over.ts";
import { createKeys, type Keys } from "./keys.ts";
import { createPasswords } from "./passwords.ts";
import { createPeople, type People } from "./people.ts";
import { createSearches, type Searches } from "./searches.ts";
import { createSessions, type Sessions, type SessionTimes } from "./sessions.ts";
import { createSetUpLink, type SetUpLink } from "./set-up-link.ts";

export interface Accounts {
  readonly people: People;
  readonly handedOver: HandedOver;
  readonly sessions: Sessions;
  readonly keys: Keys;
  readonly searches: Searches;
  readonly attempts: Attempts;
  readonly setUpLink: SetUpLink;
  /** What tokens are signed with. */
  readonly secret: AccountsFile["secret"];
  close(): void;
}

export interface AccountsOptions {
  readonly file: string;
  readonly times: SessionTimes;
  readonly clock: Clock;
  readonly passwordCostLog2?: number | undefined;
}

/** Opens the accounts file with everything in it. Errors: `STORE_FAILED`. */
export function openAccounts({ file, times, clock, passwordCostLog2 }: AccountsOptions): Accounts {
  const opened = openAccountsFile(file);
  const ids = createIdSource(clock);
  return {
    people: createPeople(opened, createPasswords(passwordCostLog2), clock, ids),
    handedOver: createHandedOver(opened, clock),
    sessions: createSessions(opened, times, clock, ids),
    keys: createKeys(opened, clock, ids),
    searches: createSearches(opened, clock, ids),
    attempts: createAttempts(opened, clock),
    setUpLink: createSetUpLink(clock),
    secret: opened.secret,
    close: () => opened.close(),
  };
}
