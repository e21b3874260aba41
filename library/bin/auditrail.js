#!/usr/bin/env node
// Checks the runtime before anything that only newer Nodes can load is imported.
const [major] = process.versions.node.split(".");
if (Number(major) < 24) {
  process.stderr.write(
    `auditrail needs Node 24 or newer, because its embedded database is node:sqlite; this is Node ${process.versions.node}.\n` +
      "Install a newer Node, or run it through npm in a project that brings its own (npx auditrail).\n",
  );
  process.exit(1);
}
const { main } = await import("../dist/cli/main.js");
process.exitCode = await main(process.argv.slice(2), undefined, () => import("../dist/server/index.js"));
