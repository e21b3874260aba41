/**
 * A program of the tests as JavaScript in one folder, its modules bundled and their compiled form kept by Node: it starts
 * in a fraction of the time, and starting is most of what a cycle of killing costs.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { rolldown } from "rolldown";

export interface BundledProgram extends Disposable {
  /** To run it with Node's own path in front, and the parameters behind. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Each entry becomes `<name>.js`; the first one is the program. Run once without parameters, it must end by itself. */
export async function bundleProgram(entries: Readonly<Record<string, string>>): Promise<BundledProgram> {
  const directory = mkdtempSync(join(tmpdir(), "auditrail-program-"));
  const bundle = await rolldown({
    ...{ input: { ...entries }, platform: "node", logLevel: "warn" },
    // The package says that importing it does nothing, which programs are not bound to.
    treeshake: { moduleSideEffects: [{ test: /./, sideEffects: true }] },
  });
  await bundle.write({ dir: directory, format: "esm", entryFileNames: "[name].js" });
  await bundle.close();
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const file = join(directory, `${Object.keys(entries)[0]!}.js`);
  const env = { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: join(directory, "compiled") };
  // Node keeps compiled code when a process ends, which one that is killed does not.
  const { status, stderr } = spawnSync(process.execPath, [file], { env });
  if (status !== 0) throw new Error(`The bundled program failed: ${stderr.toString()}`);
  return { file, env, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}
