/** A Postgres server of our own: a fresh cluster in a temporary directory, gone when it is stopped. Needs no rights. */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findPostgres, type PostgresBinaries } from "./binaries.ts";

export interface ServerOptions {
  /** Whether commits are flushed, for tests that take the server's power. Off by default, which is many times faster. */
  readonly durable?: boolean;
  /** Further settings, such as `max_prepared_transactions`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface PostgresServer {
  readonly major: number;
  /** Of the superuser, to the database `postgres`. */
  readonly url: string;
  /** Ends the server as a power cut would end it: nothing is flushed, nobody is told. It recovers when it starts again. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and removes all it had. */
  stop(): Promise<void>;
}

interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly directory: string;
  readonly port: number;
  readonly owner: Owner;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** The server refuses to run as root, so it runs as somebody else then. */
type Owner = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** Nothing is kept: the tests' server may lose everything in a power cut. */
const fast = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** Makes a cluster and starts its server. */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const binaries = findPostgres();
  const owner = serverOwner();
  const directory = mkdtempSync(join(tmpdir(), "auditrail-pg-"));
  const password = crypto.randomUUID();
  const port = await freePort();
  const cluster = {
    ...{ binaries, directory, port, owner },
    settings: { ...(options.durable === true ? {} : fast), shared_buffers: "64MB", ...options.settings },
  };
  try {
    makeCluster(cluster, password);
    let running = await run(cluster);
    return {
      major: binaries.major,
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      crash: () => end(running, "SIGQUIT"),
      start: async () => void (running = await run(cluster)),
      async stop() {
        await end(running, "SIGINT");
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function makeCluster({ binaries, directory, owner }: Cluster, password: string): void {
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) for (const path of [directory, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const places = ["-D", join(directory, "data"), "--pwfile", passwordFile];
  execFileSync(
    binaries.initdb,
    [...places, "-U", "postgres", "-A", "password", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...owner, cwd: directory, stdio: "pipe", env: { ...process.env, HOME: directory } },
  );
}

function run({ binaries, directory, port, owner, settings }: Cluster): Promise<ChildProcess> {
  const all = { listen_addresses: "127.0.0.1", port, unix_socket_directories: "", max_connections: 200, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(binaries.postgres, ["-D", join(directory, "data"), ...flags], {
    ...{ ...owner, cwd: directory, env: { ...process.env, HOME: directory } },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr!.on("data", (data: Buffer) => {
      said = `${said}${data.toString()}`.slice(-10_000);
      if (said.includes("ready to accept connections")) resolve(server);
    });
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`Postgres ended with ${code}: ${said}`)));
  });
}

function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.once("exit", () => resolve());
    server.kill(signal);
  });
}

/** Whom to run servers as; nobody in particular where we are not root. */
export function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const people = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = people.find(([name]) => name === "postgres") ?? people.find(([name]) => name === "nobody");
  if (found === undefined) throw new Error("Postgres does not run as root, and there is no user it could run as.");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
