import { describe, expect, it } from "vitest";
import { bytes, day, duration, label, position, shortHash } from "./format";

describe("numbers for people", () => {
  it.each([
    [0, "0:00"],
    [42.9, "0:42"],
    [727, "12:07"],
    [3723, "1:02:03"],
    [-1, "0:00"],
  ])("position of %d s is %s", (s, words) => expect(position(s)).toBe(words));

  it.each([
    [48, "48 s"],
    [412.4, "6 min 52 s"],
    [59.6, "1 min 0 s"],
    [3720, "1 h 2 min"],
  ])("length of %d s is %s", (s, words) => expect(duration(s)).toBe(words));

  it("names days near by", () => {
    const now = new Date(2026, 10, 23, 0, 5);
    expect(day(new Date(2026, 10, 23, 0, 1), now)).toBe("Today");
    expect(day(new Date(2026, 10, 22, 23, 59), now)).toBe("Yesterday");
    expect(day(new Date(2026, 10, 19, 9, 0), now)).toBe("Thursday 19 November");
    expect(day(new Date(2025, 10, 19, 9, 0), now)).toBe("Wednesday, 19 November 2025");
  });

  it("makes a label of a field's name", () => {
    expect(["chief_complaint", "bloodPressure", "plan", "medications.dose"].map(label)).toEqual([
      "Chief complaint",
      "Blood pressure",
      "Plan",
      "Medications dose",
    ]);
  });

  it("shortens sizes and hashes", () => {
    expect([bytes(81_768_585), bytes(1_117_320_768), bytes(10)]).toEqual(["82 MB", "1.1 GB", "1 kB"]);
    expect(shortHash("0123456789abcdef0123456789abcdef")).toBe("01234567…abcdef");
  });
});
