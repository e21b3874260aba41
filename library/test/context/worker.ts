/** A worker thread that records what its job's context says. */

import { parentPort, workerData } from "node:worker_threads";

import { currentContext, resumeContext } from "../../src/context/context.ts";

const { context } = workerData as { readonly context: string };
resumeContext(context, () => {
  setTimeout(() => parentPort!.postMessage(currentContext()), 5);
});
