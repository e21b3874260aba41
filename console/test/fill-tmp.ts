import { fillShop } from "/tmp/console-tree/console/test/shop/fill-shop.ts";
import { rmSync } from "node:fs";
rmSync("/tmp/console-shop", { recursive: true, force: true });
(await import("node:fs")).mkdirSync("/tmp/console-shop");
console.time("fill");
await fillShop("/tmp/console-shop/shop.db");
console.timeEnd("fill");
