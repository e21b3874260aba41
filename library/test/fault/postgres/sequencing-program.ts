/** A process that does nothing but give positions: `sequencing-program.ts URL`. It is killed from outside. */

import { openPostgresStore } from "../../../src/stores/postgres/index.ts";

const connection = process.argv[2]!;
for (;;) {
  try {
    const store = await openPostgresStore({ connection, sequenceEveryMs: 20, maxConnections: 3 });
    // Rounds go on by themselves, and outlive the server; something has to keep the process alive.
    await new Promise((resolve) => setInterval(resolve, 60_000));
    await store.close();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50)); // The server is away just now.
  }
}
