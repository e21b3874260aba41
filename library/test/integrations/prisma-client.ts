/**
 * A Prisma client, generated for the test that asks for it. `prisma generate` looks for an engine that it then does not
 * use; it is given a program that is there, so that it downloads none.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { PrismaPg } from "@prisma/adapter-pg";

import type { PrismaTransaction } from "../../src/trail/postgres-transaction.ts";
import type { OpenDriver } from "./postgres-drivers.ts";

const modules = join(import.meta.dirname, "../../../node_modules");

const schema = `
generator client {
  provider               = "prisma-client"
  output                 = "./client"
  importFileExtension    = "ts"
  generatedFileExtension = "ts"
}
datasource db {
  provider = "postgresql"
}
model orders {
  number Int @id
}
`;

interface Orders {
  create(row: { readonly data: { readonly number: number } }): PromiseLike<unknown>;
  updateMany(rows: { readonly data: { readonly number: { readonly increment: number } } }): PromiseLike<unknown>;
}

interface GeneratedClient {
  $transaction<Result>(work: (tx: PrismaTransaction & { readonly orders: Orders }) => Promise<Result>): Promise<Result>;
  $disconnect(): Promise<void>;
}

let generated: Promise<string> | undefined;

export async function removePrismaClient(): Promise<void> {
  if (generated !== undefined) rmSync(await generated, { recursive: true, force: true });
  generated = undefined;
}

/** Makes the client in a directory inside node_modules, so that it finds what it imports. */
async function generatePrismaClient(): Promise<string> {
  const directory = mkdtempSync(join(modules, ".prisma-test-"));
  writeFileSync(join(directory, "schema.prisma"), schema);
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  const options = ["generate", "--schema", join(directory, "schema.prisma"), "--no-hints"];
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  await promisify(execFile)(process.execPath, [join(modules, "prisma/build/index.js"), ...options], { env });
  return directory;
}

export async function openPrisma(url: string): Promise<OpenDriver> {
  generated ??= generatePrismaClient();
  const directory = await generated;
  const { PrismaClient } = (await import(pathToFileURL(join(directory, "client/client.ts")).href)) as {
    readonly PrismaClient: new (options: { readonly adapter: PrismaPg }) => GeneratedClient;
  };
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  return {
    transaction: (work) =>
      prisma.$transaction((tx) =>
        work(
          tx,
          async (number) => tx.orders.create({ data: { number } }),
          async () => tx.orders.updateMany({ data: { number: { increment: 100 } } }),
        ),
      ),
    outside: prisma,
    close: () => prisma.$disconnect(),
  };
}

const usage = `
import type { PrismaTransaction } from "${join(import.meta.dirname, "../../src/trail/postgres-transaction.ts")}";
import { PrismaClient } from "./client/client.ts";

export async function use(prisma: PrismaClient, record: (transaction: PrismaTransaction) => void): Promise<void> {
  await prisma.$transaction(async (tx) => record(tx));
  // @ts-expect-error: Prisma without a transaction
  record(prisma);
}
`;

/** What the compiler has to say about using the client's transactions, and the client where there is none. */
export async function compileWithPrisma(): Promise<string> {
  generated ??= generatePrismaClient();
  const directory = await generated;
  writeFileSync(join(directory, "usage.ts"), usage);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--allowImportingTsExtensions", "--ignoreConfig"];
  const compiler = join(modules, "typescript/bin/tsc");
  const target = ["--module", "nodenext", "--target", "es2024", "--exactOptionalPropertyTypes"];
  return promisify(execFile)(process.execPath, [compiler, ...options, ...target, join(directory, "usage.ts")]).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  );
}
