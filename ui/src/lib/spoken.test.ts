import { describe, expect, it } from "vitest";
import type { FindingDto, SegmentDto, TranscriptDto } from "@/ipc/bindings.gen";
import { evidenceWords, findingsByWord, findingsOn, runsOf, spokenText, wordsOf } from "./spoken";

function transcript(...lines: string[]): TranscriptDto {
  const segments = lines.map((line, s): SegmentDto => {
    const words = line.split(" ").map((text, w) => ({ start_s: s * 10 + w, end_s: s * 10 + w + 0.5, text, probability: 1 }));
    return { start_s: s * 10, end_s: s * 10 + 9, speaker: null, speaker_source: null, text: line, words };
  });
  return { id: "trn-1", language: "de", duration_s: 60, model: "m", segments };
}

function finding(...spans: [number, number][]): FindingDto {
  return {
    path: "/a",
    field: "a",
    value: "v",
    evidence: spans.map(([start, end]) => ({ start, end, quote: "" })),
    assertion: "present",
    support: "verbatim",
    reasons: [],
  };
}

const at = (start: number, end: number) => ({ start, end, quote: "" });

describe("the text that evidence points into", () => {
  it("joins words by spaces and segments by line ends, as Rust does", () => {
    expect(spokenText(transcript("Größe ist", "170 cm.")).text).toBe("Größe ist\n170 cm.");
  });

  it("counts Unicode scalars, not UTF-16 units", () => {
    // U+1F637 and U+1D11E are one scalar and two units each.
    const spoken = spokenText(transcript("😷 𝄞 Husten seit", "zwei Wochen"));
    expect(wordsOf(spoken, at(4, 10))).toEqual({ from: 2, to: 3 });
    expect(wordsOf(spoken, at(11, 20))).toEqual({ from: 3, to: 5 });
  });

  it("counts a word that the evidence touches only in part", () => {
    const spoken = spokenText(transcript("no blood. I was"));
    expect(wordsOf(spoken, at(4, 5))).toEqual({ from: 1, to: 2 });
    expect(wordsOf(spoken, at(0, 8))).toEqual({ from: 0, to: 2 });
  });

  it("finds no word between words, before, or past the end", () => {
    const spoken = spokenText(transcript("one two"));
    expect(wordsOf(spoken, at(3, 4))).toBeNull();
    expect(wordsOf(spoken, at(7, 99))).toBeNull();
    expect(wordsOf(spokenText(transcript()), at(0, 5))).toBeNull();
  });

  it("keeps a segment without words in its place", () => {
    const made = transcript("one", "two");
    made.segments.splice(1, 0, { ...made.segments[0]!, text: "", words: [] });
    const spoken = spokenText(made);
    expect(spoken.text).toBe("one\n\ntwo");
    expect(wordsOf(spoken, at(5, 8))).toEqual({ from: 1, to: 2 });
  });
});

describe("words and findings", () => {
  const spoken = spokenText(transcript("a b c d", "e f"));
  const findings = [finding([2, 5]), finding([4, 5], [8, 9]), finding()];
  const by = findingsByWord(spoken, findings);

  it("tells for each word the findings that rest on it", () => {
    expect(by).toEqual([[], [0], [0, 1], [], [1], []]);
  });

  it("cuts a segment into runs where the findings change", () => {
    expect(runsOf(spoken, by, 0)).toEqual([
      { from: 0, to: 1, findings: [] },
      { from: 1, to: 2, findings: [0] },
      { from: 2, to: 3, findings: [0, 1] },
      { from: 3, to: 4, findings: [] },
    ]);
    expect(runsOf(spoken, by, 1).map((run) => run.findings)).toEqual([[1], []]);
  });

  it("goes from words to findings and back", () => {
    expect(findingsOn(by, { from: 2, to: 5 })).toEqual([0, 1]);
    expect(findingsOn(by, { from: 0, to: 1 })).toEqual([]);
    expect(evidenceWords(spoken, findings[1]!)).toEqual([
      { from: 2, to: 3 },
      { from: 4, to: 5 },
    ]);
    expect(evidenceWords(spoken, findings[2]!)).toEqual([]);
  });
});
