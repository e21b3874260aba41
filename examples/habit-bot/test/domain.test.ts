/** The rules that need no database: days, streaks, weights and the draw. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addDays, dayOf, daysBetween, weekdayOf } from "../domain/days.ts";
import { drawReward } from "../domain/draw.ts";
import * as read from "../domain/read-values.ts";
import { streakAt, totalWeight } from "../domain/streak.ts";
import { en } from "../texts/en.ts";
import { kk } from "../texts/kk.ts";
import { ru } from "../texts/ru.ts";

describe("days", () => {
  test("belong to the zone, also where summer time begins and ends", () => {
    const at = (text: string, zone: string) => dayOf(Date.parse(text) * 1000, zone);
    expect(at("2026-03-29T00:59:59Z", "Europe/Berlin")).toBe("2026-03-29");
    expect(at("2026-10-25T22:59:59Z", "Europe/Berlin")).toBe("2026-10-25");
    expect(at("2026-10-25T23:00:00Z", "Europe/Berlin")).toBe("2026-10-26");
    expect(at("2026-01-01T18:59:59Z", "Asia/Almaty")).toBe("2026-01-01");
    expect(at("2026-01-01T19:00:00Z", "Asia/Almaty")).toBe("2026-01-02");
  });

  test("are counted on the calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 2000 }), (days) => {
        expect(daysBetween("2026-03-28", addDays("2026-03-28", days))).toBe(days);
      }),
    );
    expect([weekdayOf("2026-11-23"), weekdayOf("2026-11-29")]).toEqual([1, 7]);
  });
});

describe("a streak", () => {
  const at = (day: string, done: string[], rules = {}) =>
    streakAt(day, new Set(done), { skipDays: 0, exemptWeekdays: [], ...rules });

  test("counts days without a break", () => {
    expect(at("2026-11-26", [])).toBe(1);
    expect(at("2026-11-26", ["2026-11-25", "2026-11-24"])).toBe(3);
    expect(at("2026-11-26", ["2026-11-24", "2026-11-23"])).toBe(1);
  });

  test("allows as many missed days in a row as the habit does", () => {
    expect(at("2026-11-26", ["2026-11-24", "2026-11-22"], { skipDays: 1 })).toBe(3);
    expect(at("2026-11-26", ["2026-11-23"], { skipDays: 1 })).toBe(1);
  });

  test("does not miss exempt weekdays, and counts them when they are done", () => {
    const weekend = { exemptWeekdays: [6, 7] };
    expect(at("2026-11-30", ["2026-11-27", "2026-11-26"], weekend)).toBe(3);
    expect(at("2026-11-30", ["2026-11-28", "2026-11-27"], weekend)).toBe(3);
    expect(at("2026-11-30", ["2026-11-26"], weekend)).toBe(1);
  });

  test("makes a habit weigh more, up to four times as much", () => {
    expect([1, 2, 11, 31, 400].map((streak) => totalWeight(10, streak))).toEqual([10, 11, 20, 40, 40]);
  });
});

describe("the draw", () => {
  const candidates = [
    { name: "a", weight: 1 },
    { name: "b", weight: 3 },
  ];
  const at = (point: number, noRewardPercent = 50, factor = 1) =>
    drawReward({ candidates, noRewardPercent, factor, random: () => point })?.name;

  test("gives nothing as often as was said, and rewards by their weight", () => {
    expect([0, 0.4999, 0.5, 0.6249, 0.6251, 0.9999].map((point) => at(point))).toEqual([
      ...[undefined, undefined, "a", "a", "b", "b"],
    ]);
    const points = Array.from({ length: 10_000 }, (_, index) => (index + 0.5) / 10_000);
    const counts = (percent: number) => points.filter((point) => at(point, percent) === undefined).length;
    expect([0.01, 50, 99.99].map(counts)).toEqual([1, 5000, 9999]);
  });

  test("gives nothing less often when the streak is long", () => {
    expect([at(0.3), at(0.3, 50, 4)]).toEqual([undefined, "a"]);
  });

  test("gives nothing where there is nothing to give", () => {
    expect(drawReward({ candidates: [], noRewardPercent: 1, factor: 1, random: () => 0.99 })).toBeUndefined();
  });
});

describe("what people type", () => {
  const refuses = (reader: (text: string) => unknown, texts: string[], code: string) => {
    for (const text of texts) expect(() => reader(text)).toThrow(expect.objectContaining({ code }));
  };

  test("is read as it is meant, or refused by the rule", () => {
    expect(read.readName("  Morning   run ")).toBe("Morning run");
    expect([read.readWeight("1"), read.readWeight(" 100 ")]).toEqual([1, 100]);
    expect([read.readPercent("0.01"), read.readPercent("99,99")]).toEqual([0.01, 99.99]);
    expect([read.readValue("2,50"), read.readValue("-")]).toEqual(["2.50", null]);
    expect([read.readWeekdays("7, 6 6"), read.readWeekdays("-")]).toEqual([[6, 7], []]);
    expect([read.readLimit("2"), read.readLimit("нет")]).toEqual([2, null]);
    refuses(read.readName, [" ", ""], "name-empty");
    refuses(read.readWeight, ["0", "101", "1e1", "-1", "1.5", ""], "weight-invalid");
    refuses(read.readPieces, ["0", "many"], "pieces-invalid");
    refuses(read.readPercent, ["0", "100", "0.001", "x"], "percent-invalid");
    refuses(read.readRewardWeight, ["0", "-1", "0.0000001"], "reward-weight-invalid");
    refuses(read.readValue, ["1.234", "NaN"], "value-invalid");
    refuses(read.readWeekdays, ["8", "0 1", ","], "weekdays-invalid");
    refuses(read.readSkipDays, ["31", "-1"], "skip-days-invalid");
  });
});

test("all languages leave the same gaps", () => {
  const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted();
  for (const [key, text] of Object.entries(en)) {
    for (const texts of [ru, kk]) expect([key, gaps(texts[key as keyof typeof en])]).toEqual([key, gaps(text)]);
  }
});
