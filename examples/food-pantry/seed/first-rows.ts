/** What a pantry has before its first day: settings, programs, products and mail types. */

import type { Pantry } from "../domain/pantry.ts";

const categories: readonly (readonly [name: string, kind: string, limit: number | null, per: string])[] = [
  ["Grains", "food", null, "order"],
  ["Canned goods", "food", 4, "household"],
  ["Dairy", "food", 2, "household"],
  ["Meat and fish", "food", 2, "adult"],
  ["Sweets", "food", 2, "order"],
  ["Fruit", "fresh", null, "order"],
  ["Vegetables", "fresh", null, "order"],
  ["Soap and paper", "hygiene", 2, "adult"],
  ["Diapers", "hygiene", 2, "infant"],
];

const products: readonly (readonly [sku: string, name: string, category: string, cents: number])[] = [
  ["rice-1kg", "Rice, 1 kg", "Grains", 2_40],
  ["pasta-500g", "Pasta, 500 g", "Grains", 1_35],
  ["oats-500g", "Oats, 500 g", "Grains", 1_80],
  ["flour-1kg", "Flour, 1 kg", "Grains", 1_25],
  ["beans-can", "Beans, can", "Canned goods", 1_10],
  ["tomatoes-can", "Tomatoes, can", "Canned goods", 95],
  ["chickpeas-can", "Chickpeas, can", "Canned goods", 1_15],
  ["milk-1l", "Milk, 1 l", "Dairy", 1_45],
  ["cheese-250g", "Cheese, 250 g", "Dairy", 3_60],
  ["yoghurt-4", "Yoghurt, 4 cups", "Dairy", 2_20],
  ["chicken-1kg", "Chicken, 1 kg", "Meat and fish", 7_90],
  ["tuna-3", "Tuna, 3 tins", "Meat and fish", 4_50],
  ["jam", "Jam", "Sweets", 2_75],
  ["biscuits", "Biscuits", "Sweets", 1_95],
  ["apples-1kg", "Apples, 1 kg", "Fruit", 2_30],
  ["bananas-1kg", "Bananas, 1 kg", "Fruit", 2_10],
  ["carrots-1kg", "Carrots, 1 kg", "Vegetables", 1_40],
  ["cabbage", "Cabbage", "Vegetables", 1_70],
  ["soap-bar", "Soap, 2 bars", "Soap and paper", 2_05],
  ["shampoo", "Shampoo", "Soap and paper", 3_95],
  ["paper-8", "Toilet paper, 8 rolls", "Soap and paper", 4_20],
  ["diapers-small", "Diapers, small", "Diapers", 8_90],
  ["diapers-large", "Diapers, large", "Diapers", 9_40],
];

const greeting = "Hello {{name}},\n\n";
const closing = "\n\nThe food pantry\n{{url}}";
const signInText =
  "Sign in as {{login}} with this password, which is good once and for two weeks:\n\n    {{temporaryPassword}}\n\nYou will choose your own then.";

const mailTypes: readonly (readonly [name: string, displayName: string, subject: string, text: string])[] = [
  ["onboarding", "Welcome", "Welcome to the food pantry", `You have an account now. ${signInText}`],
  [
    "password-reset",
    "New password",
    "Your new password",
    `You asked for a new password. ${signInText}\n\nIf you did not ask, nothing has changed: your own password still holds.`,
  ],
  [
    "order-confirmation",
    "Order confirmation",
    "Your order {{order}} is confirmed",
    "We have confirmed your order {{order}} for {{total}} and will pack it soon.",
  ],
  [
    "voucher-created",
    "New voucher",
    "A voucher of {{amount}} for you",
    "There is a new voucher {{voucher}} of {{amount}} in your account. Once we apply it you can spend it.",
  ],
];

const allWeek = [1, 2, 3, 4, 5, 6, 7];

/** Puts the first rows in where there are none. Set-up, before anybody acts: nothing of it is recorded. */
export function putFirstRows({ sql, transaction }: Pantry): void {
  if (sql.get<object>`SELECT 1 FROM voucherSettings` !== undefined) return;
  transaction(() => {
    sql.run`INSERT INTO voucherSettings VALUES (1, ${40_00}, ${25_00}, ${5_00})`;
    for (const program of ["Neighbourhood", "Mobile pantry"]) sql.run`INSERT INTO program VALUES (${program})`;
    for (const day of allWeek) sql.run`INSERT INTO orderWindow VALUES ('Neighbourhood', ${day}, '00:00', '24:00')`;
    for (const day of [2, 4]) sql.run`INSERT INTO orderWindow VALUES ('Mobile pantry', ${day}, '08:00', '18:00')`;
    for (const [name, kind, limit, per] of categories)
      sql.run`INSERT INTO category VALUES (${name}, ${kind}, ${limit}, ${per})`;
    for (const [sku, name, category, price] of products)
      sql.run`INSERT INTO product VALUES (${sku}, ${name}, ${category}, ${price}, 400)`;
    for (const [name, displayName, subject, body] of mailTypes) {
      const text = greeting + body + closing;
      const html = text
        .split("\n\n")
        .map((part) => `<p>${part.trim().replaceAll("\n", "<br>")}</p>`)
        .join("\n");
      sql.run`INSERT INTO mailType VALUES (${name}, ${displayName}, ${subject}, ${text}, ${html}, 1)`;
    }
  });
}
