import { Refusal, type Pantry } from "./pantry.ts";
import type { CategoryRow, ProductRow } from "./rows.ts";
import type { CartLine } from "../rules/validate-order.ts";

export interface CartItem {
  readonly sku: string;
  readonly quantity: number;
}

export function listCategories({ sql }: Pantry): CategoryRow[] {
  return sql.all<CategoryRow>`SELECT * FROM category ORDER BY kind, name`;
}

export function listProducts({ sql }: Pantry): ProductRow[] {
  return sql.all<ProductRow>`SELECT * FROM product ORDER BY category, name`;
}

export function readProduct({ sql }: Pantry, sku: string): ProductRow {
  const row = sql.get<ProductRow>`SELECT * FROM product WHERE sku = ${sku}`;
  if (row === undefined) throw new Refusal(`There is no product ${sku}.`);
  return row;
}

export function setStock(pantry: Pantry, sku: string, stock: number): void {
  if (!Number.isInteger(stock) || stock < 0) throw new Refusal("Stock is a whole number from 0.");
  pantry.transaction((record) => {
    const before = readProduct(pantry, sku);
    pantry.sql.run`UPDATE product SET stock = ${stock} WHERE sku = ${sku}`;
    const target = { type: "product", id: sku, name: before.name };
    record("pantry.stock-changed", { target, before: { stock: before.stock }, after: { stock } });
  });
}

/** What is in a cart, with all that the rules ask of it. */
export function linesOf(pantry: Pantry, cart: readonly CartItem[]): CartLine[] {
  const categories = new Map(listCategories(pantry).map((category) => [category.name, category]));
  return cart.map(({ sku, quantity }) => {
    if (!Number.isInteger(quantity) || quantity < 1) throw new Refusal("Quantities are whole numbers from 1.");
    const { name, category, price, stock } = readProduct(pantry, sku);
    return { sku, product: name, category: categories.get(category)!, price, quantity, stock };
  });
}

export function readCart({ sql }: Pantry, participant: string): CartItem[] {
  return sql.all<CartItem>`SELECT sku, quantity FROM cartLine WHERE participant = ${participant}
    ORDER BY sku`;
}

export function saveCart(pantry: Pantry, participant: string, cart: readonly CartItem[]): void {
  linesOf(pantry, cart);
  pantry.transaction(() => {
    pantry.sql.run`DELETE FROM cartLine WHERE participant = ${participant}`;
    for (const { sku, quantity } of cart)
      pantry.sql.run`INSERT INTO cartLine VALUES (${participant}, ${sku}, ${quantity})`;
  });
}
