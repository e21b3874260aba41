import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { openNodeSqlite, openSqliteStore, type OpenConnection } from "../../src/stores/sqlite/index.ts";
import { clerk, openShop, orderNumbers, readShop } from "../guarantees/shop.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const order = (number: number) => ({ actor: clerk, data: { number } });
const open = (file: string, createIfMissing = false) => openSqliteStore({ file, createIfMissing });

async function writtenFile(count = 3): Promise<string> {
  const file = join(temporaryDirectory(), "shop.db");
  const trail = await openShop(file);
  for (let number = 0; number < count; number += 1) await trail.record("order.placed", order(number));
  await trail.close();
  return file;
}

describe("opening what is not a trail of ours", () => {
  test("a missing file is not made unless that is asked for", async () => {
    const file = join(temporaryDirectory(), "shop.db");
    await expect(open(file)).rejects.toMatchObject({
      code: "STORE_NOT_FOUND",
      message: expect.stringContaining("shop.db"),
    });
    expect(existsSync(file)).toBe(false);
    await expect(open(join(temporaryDirectory(), "no", "such", "shop.db"), true)).rejects.toMatchObject({
      code: "STORE_NOT_FOUND",
    });
  });

  test("a directory is not a trail", async () => {
    await expect(open(temporaryDirectory(), true)).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  });

  test("a text file is not a trail, and is left as it is", async () => {
    const file = join(temporaryDirectory(), "notes.txt");
    const text = "no database at all, but long enough to be looked at ".repeat(100);
    writeFileSync(file, text);
    for (const createIfMissing of [false, true])
      await expect(open(file, createIfMissing)).rejects.toMatchObject({ code: "STORE_FOREIGN" });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("an application's database is not a trail until that is asked for, and keeps its tables then", async () => {
    const file = join(temporaryDirectory(), "app.db");
    const application = new DatabaseSync(file);
    application.exec("CREATE TABLE orders (number INTEGER); INSERT INTO orders VALUES (1)");
    await expect(open(file)).rejects.toMatchObject({ code: "STORE_FOREIGN" });
    await (await open(file, true)).close();
    await (await open(file)).close();
    expect(application.prepare("SELECT number FROM orders").all()).toEqual([{ number: 1 }]);
    application.close();
  });

  test("an empty file is no trail, and becomes one when that is asked for", async () => {
    const file = join(temporaryDirectory(), "empty.db");
    writeFileSync(file, "");
    await expect(open(file)).rejects.toMatchObject({ code: "STORE_FOREIGN" });
    await (await open(file, true)).close();
  });

  test("a trail of a newer version is refused, also by those who may make one, and left as it is", async () => {
    const file = await writtenFile();
    const connection = new DatabaseSync(file);
    connection.exec("UPDATE auditrail_meta SET value = '999' WHERE name = 'schema_version'");
    for (const createIfMissing of [false, true]) {
      await expect(open(file, createIfMissing)).rejects.toMatchObject({
        code: "STORE_NEWER",
        message: expect.stringContaining("999"),
      });
    }
    expect(connection.prepare("SELECT value FROM auditrail_meta WHERE name = 'schema_version'").get()).toEqual({
      value: "999",
    });
    connection.close();
  });

  test("another origin than the trail was made with is refused", async () => {
    const file = await writtenFile();
    await expect(openSqliteStore({ file, origin: "audit.example.com/other" })).rejects.toMatchObject({
      code: "OPTION_INVALID",
    });
  });

  test.for([
    [{ file: "" }, "OPTION_INVALID"],
    [{ file: ":memory:" }, "OPTION_INVALID"],
    [{ file: "x.db", origin: "https://example.com/ x" }, "OPTION_INVALID"],
    [{ file: "x.db", creatIfMissing: true }, "OPTION_UNKNOWN"],
    [{ file: "x.db", threads: true, clock: { nowMicros: () => 0 } }, "OPTION_INVALID"],
  ] as const)("the options %o are refused", async ([options, code]) => {
    await expect(openSqliteStore(options as never)).rejects.toMatchObject({ code });
  });
});

describe("a SQLite that cannot keep our promises", () => {
  test("is refused by its version", async () => {
    const file = join(temporaryDirectory(), "shop.db");
    const openConnection: OpenConnection = (path, options) => {
      const connection = openNodeSqlite(path, options);
      const prepare = connection.prepare.bind(connection);
      return Object.assign(connection, {
        prepare: (sql: string) => prepare(sql.replace("sqlite_version()", "'3.51.2'")),
      });
    };
    await expect(openSqliteStore({ file, createIfMissing: true, openConnection })).rejects.toMatchObject({
      code: "RUNTIME_UNSUPPORTED",
      message: expect.stringContaining("3.51.2"),
    });
  });
});

describe("a file that is damaged", () => {
  test("is told from others when it is read", async () => {
    const file = await writtenFile(200);
    const bytes = readFileSync(file);
    for (let offset = 3 * 4_096; offset < bytes.length; offset += 512) bytes.fill(0xa5, offset, offset + 256);
    writeFileSync(file, bytes);
    rmSync(`${file}-wal`, { force: true });
    const failure = await open(file).then(
      async (store) => {
        try {
          return await store.read("default", 0, 1_000).then(
            () => undefined,
            (error: unknown) => error,
          );
        } finally {
          await store.close();
        }
      },
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "STORE_CORRUPT" });
  });

  test("sends new events to the spool, where they wait for its replacement", async () => {
    const file = await writtenFile(200);
    const backup = `${file}.backup`;
    copyFileSync(file, backup);
    const spool = temporaryDirectory();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4_096 * 3);
    writeFileSync(file, bytes);
    const opened = await openShop(file, { spool: { directory: spool } }).catch((error: unknown) => error);
    if (opened instanceof Error) expect(opened).toMatchObject({ code: "STORE_CORRUPT" });
    else {
      const trail = opened as Awaited<ReturnType<typeof openShop>>;
      expect(await trail.record("order.placed", order(200))).toMatchObject({ seq: null });
      expect(trail.health().lastError).toMatchObject({ code: "STORE_CORRUPT" });
      await trail.close();
      for (const ending of ["", "-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
      renameSync(backup, file);
      await (await openShop(file, { spool: { directory: spool } })).close();
      expect(orderNumbers(await readShop(file), "order.placed").at(-1)).toBe(200);
    }
  });
});

describe("a file that is taken away under an open trail", () => {
  const files = (file: string) => ["", "-wal", "-shm"].map((ending) => `${file}${ending}`);
  const move = (from: string, to: string) => {
    for (const [index, path] of files(from).entries()) if (existsSync(path)) renameSync(path, files(to)[index]!);
  };

  test.for(["removed", "replaced"] as const)(
    "is noticed when it is %s: nothing is acknowledged into a file without a name",
    async (how) => {
      const directory = temporaryDirectory();
      const [file, away, spool] = [join(directory, "shop.db"), join(directory, "away.db"), join(directory, "spool")];
      const trail = await openShop(file, { spool: { directory: spool } });
      await trail.record("order.placed", order(0));
      move(file, away);
      if (how === "replaced") await (await open(file, true)).close();
      expect(await trail.record("order.placed", order(1))).toMatchObject({ seq: null });
      expect(trail.health().lastError).toMatchObject({
        code: how === "replaced" ? "STORE_FOREIGN" : "STORE_NOT_FOUND",
      });
      await trail.close();
      if (how === "replaced") {
        await (await openShop(file, { spool: { directory: spool } })).close();
        expect(await readShop(file), "events of one trail do not go into another").toEqual([]);
      }
      for (const path of files(file)) rmSync(path, { force: true });
      move(away, file);
      await (await openShop(file, { spool: { directory: spool } })).close();
      expect(orderNumbers(await readShop(file), "order.placed")).toEqual([0, 1]);
    },
  );

  test("is followed when a backup of the same trail takes its place", async () => {
    const directory = temporaryDirectory();
    const [file, backup] = [join(directory, "shop.db"), join(directory, "backup.db")];
    const trail = await openShop(file);
    await trail.record("order.placed", order(0));
    const application = new DatabaseSync(file);
    application.exec(`VACUUM INTO '${backup}'`);
    application.close();
    for (const path of files(file)) rmSync(path, { force: true });
    renameSync(backup, file);
    expect(await trail.record("order.placed", order(1))).toMatchObject({ seq: 1 });
    await trail.close();
    expect(orderNumbers(await readShop(file), "order.placed")).toEqual([0, 1]);
  });
});
