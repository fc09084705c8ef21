import { describe, expect, it } from "vitest";
import type { FindingDto } from "@/ipc/bindings.gen";
import { groupFindings, leafName, sections, shownOrder, valueText } from "./fields";

const finding = (path: string, support = "verbatim"): FindingDto => ({
  path,
  field: path.slice(1).replace(/\/\d+/g, "").replaceAll("/", "."),
  value: "v",
  evidence: [],
  assertion: "present",
  support,
  reasons: [],
});

const FINDINGS = [
  finding("/drugs/0/name"),
  finding("/complaint"),
  finding("/drugs/1/name", "unsupported"),
  finding("/drugs/0/dose"),
  finding("/pressure/systolic"),
  finding("/smoking"),
  finding("/drugs/2/name"),
];

describe("findings by field", () => {
  it("keeps the elements of a list apart and puts what is unsupported aside", () => {
    const { groups, refused } = groupFindings(FINDINGS);
    expect(groups.map((g) => g.field)).toEqual(["drugs", "complaint", "pressure", "smoking"]);
    expect(groups[0]?.items.map((i) => i.leaves.map((l) => l.index))).toEqual([[0, 3], [6]]);
    expect(refused.map((r) => r.index)).toEqual([2]);
  });

  it("gives next and previous the order on the screen", () => {
    expect(shownOrder(FINDINGS)).toEqual([0, 3, 6, 1, 4, 5, 2]);
  });

  it("puts plain fields that follow each other on one card", () => {
    const plain = [finding("/complaint"), finding("/duration"), finding("/drugs/0"), finding("/smoking")];
    expect(sections(groupFindings(plain).groups).map((s) => s.kind)).toEqual(["plain", "group", "plain"]);
  });

  it("reads an escaped JSON Pointer", () => {
    expect(groupFindings([finding("/a~1b~0c")]).groups[0]?.field).toBe("a/b~c");
  });
});

describe("names and values", () => {
  it("says nothing where the value names itself", () => {
    expect([leafName("drugs.dose"), leafName("drugs.name"), leafName("drugs")]).toEqual(["dose", "", ""]);
  });

  it("puts every kind of value into words", () => {
    const words = { yes: "Yes", no: "No" };
    expect([true, false, 0, 36.8, "x", null, "", ["a"]].map((v) => valueText(v, words))).toEqual([
      "Yes",
      "No",
      "0",
      "36.8",
      "x",
      null,
      null,
      '["a"]',
    ]);
  });
});
