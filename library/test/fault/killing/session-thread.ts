/** The store's thread with the clock of the tests: bundled beside the program, it takes the place of the one in src/. */

import "./jumping-clock.ts";
import "../../../src/stores/sqlite/session-thread.ts";
