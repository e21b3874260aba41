/** `node main.ts [PORT]`: a local Telegram by itself, for any bot. */

import { defaultToken, laterUpdateIds, startLocalTelegram } from "./server.ts";

const telegram = await startLocalTelegram({ port: Number(process.argv[2] ?? 8081), firstUpdateId: laterUpdateIds() });
process.stdout.write(`A local Telegram. Chat page and API root: ${telegram.url}\nToken: ${defaultToken}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void telegram.close());
