import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import en from "@/locales/en.json";
import { rules, whatWasLost } from "./reasons";

describe("the rules of grounding in words", () => {
  it("have a wording for every code that docs/grounding.md explains", () => {
    const rows = readFileSync("../docs/grounding.md", "utf8").matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm);
    const codes = [...rows].flatMap(([, cell]) => [...(cell ?? "").matchAll(/`([a-z-]+)`/g)].map(([, code]) => code ?? ""));
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !(code in en.reasons))).toEqual([]);
  });

  it("say a list of rules, and a code of tomorrow as it is", () => {
    expect(rules(["case", "not-yet-known"])).toBe("but for capitals, not-yet-known");
  });

  it("say what an answer lost, and where", () => {
    expect(whatWasLost("repetition-ended /")).toBe("the answer went in circles and was ended");
    expect(whatWasLost("required-missing /vital_signs/0/value; list-limit /plan")).toBe(
      "Vital signs value: a required value had to go; Plan: the list is full",
    );
    expect(whatWasLost("the engine ended; it was started again")).toBe("the engine ended; it was started again");
  });
});
