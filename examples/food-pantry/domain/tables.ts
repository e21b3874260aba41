/** The pantry's own tables, in the file that the trail is in too, so that a change and its entry commit together. */

export const tables = `
  CREATE TABLE IF NOT EXISTS program (
    name TEXT PRIMARY KEY
  ) STRICT;

  CREATE TABLE IF NOT EXISTS orderWindow (
    program TEXT NOT NULL REFERENCES program, weekday INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens TEXT NOT NULL, closes TEXT NOT NULL CHECK (closes > opens)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS pause (
    id INTEGER PRIMARY KEY, program TEXT NOT NULL REFERENCES program,
    startsAt TEXT NOT NULL, endsAt TEXT NOT NULL CHECK (endsAt >= startsAt), multiplier INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS participant (
    number TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
    adults INTEGER NOT NULL CHECK (adults >= 0), children INTEGER NOT NULL CHECK (children >= 0),
    infants INTEGER NOT NULL CHECK (infants BETWEEN 0 AND children),
    language TEXT NOT NULL, program TEXT NOT NULL REFERENCES program, active INTEGER NOT NULL, registeredAt TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS usedNumber (number TEXT PRIMARY KEY) STRICT;

  CREATE TABLE IF NOT EXISTS person (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL, email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('participant', 'staff', 'superuser')),
    participant TEXT UNIQUE REFERENCES participant ON DELETE CASCADE,
    passwordHash TEXT, temporaryHash TEXT, temporaryUntil TEXT, active INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS session (
    tokenHash TEXT PRIMARY KEY, person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE, endsAt TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS failedSignIn (
    loginHash TEXT NOT NULL, at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS failedSignInByLogin ON failedSignIn (loginHash, at);

  CREATE TABLE IF NOT EXISTS voucherSettings (
    id INTEGER PRIMARY KEY CHECK (id = 1), adult INTEGER NOT NULL, child INTEGER NOT NULL, infant INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS voucher (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    participant TEXT NOT NULL REFERENCES participant ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('grocery', 'life')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'applied', 'consumed', 'expired')),
    amount INTEGER NOT NULL CHECK (amount > 0), multiplier INTEGER NOT NULL CHECK (multiplier > 0), forPause INTEGER NOT NULL,
    orderNumber TEXT, createdAt TEXT NOT NULL, appliedAt TEXT, endedAt TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS voucherByParticipant ON voucher (participant);

  CREATE TABLE IF NOT EXISTS category (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('food', 'fresh', 'hygiene')),
    limitQuantity INTEGER, limitPer TEXT NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS product (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL REFERENCES category,
    price INTEGER NOT NULL CHECK (price >= 0), stock INTEGER NOT NULL CHECK (stock >= 0)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS cartLine (
    participant TEXT NOT NULL REFERENCES participant ON DELETE CASCADE, sku TEXT NOT NULL REFERENCES product,
    quantity INTEGER NOT NULL CHECK (quantity > 0), PRIMARY KEY (participant, sku)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS customerOrder (
    number TEXT PRIMARY KEY, participant TEXT NOT NULL REFERENCES participant ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'packing', 'completed', 'cancelled')),
    food INTEGER NOT NULL, hygiene INTEGER NOT NULL, placedAt TEXT NOT NULL, changedAt TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS oneActiveOrder ON customerOrder (participant)
    WHERE state IN ('pending', 'confirmed', 'packing');

  CREATE TABLE IF NOT EXISTS orderLine (
    orderNumber TEXT NOT NULL REFERENCES customerOrder ON DELETE CASCADE, sku TEXT NOT NULL, product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0), price INTEGER NOT NULL, PRIMARY KEY (orderNumber, sku)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS mailType (
    name TEXT PRIMARY KEY, displayName TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL,
    active INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, participant TEXT REFERENCES participant ON DELETE CASCADE, person INTEGER NOT NULL,
    recipient TEXT NOT NULL, variables TEXT NOT NULL, queuedBy TEXT NOT NULL, queuedAt TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed')), finishedAt TEXT, messageId TEXT, retries INTEGER NOT NULL,
    subject TEXT, error TEXT, delivery TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS queuedMail ON mail (id) WHERE status = 'queued';
`;
