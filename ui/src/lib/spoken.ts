import type { EvidenceDto, FindingDto, TranscriptDto } from "@/ipc/bindings.gen";

/** One word at its place in the text that extraction read. Offsets count Unicode scalars, as Rust counts them. */
export type SpokenWord = {
  index: number;
  segment: number;
  start: number;
  end: number;
  start_s: number;
  text: string;
  probability: number;
};

/** A transcript as the one text that evidence points into: words joined by spaces, segments by line ends. */
export type SpokenText = {
  text: string;
  words: SpokenWord[];
  /** The first word of each segment, and one past the last word at the end. */
  firstWord: number[];
};

/** A stretch of words of one segment that the same findings rest on; `findings` is empty for words between. */
export type Run = { from: number; to: number; findings: readonly number[] };

/** Words from (inclusive) and to (exclusive). */
export type WordSpan = { from: number; to: number };

export function spokenText(transcript: TranscriptDto): SpokenText {
  const words: SpokenWord[] = [];
  const firstWord: number[] = [];
  let text = "";
  let at = 0;
  transcript.segments.forEach((segment, s) => {
    if (s > 0) {
      text += "\n";
      at += 1;
    }
    firstWord.push(words.length);
    segment.words.forEach((word, w) => {
      if (w > 0) {
        text += " ";
        at += 1;
      }
      const length = [...word.text].length;
      words.push({
        index: words.length,
        segment: s,
        start: at,
        end: at + length,
        start_s: word.start_s,
        text: word.text,
        probability: word.probability,
      });
      text += word.text;
      at += length;
    });
  });
  firstWord.push(words.length);
  return { text, words, firstWord };
}

/** The last word that begins at or before a moment. */
export function wordAt(spoken: SpokenText, seconds: number): SpokenWord | undefined {
  let low = 0;
  let high = spoken.words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spoken.words[middle]!.start_s > seconds + 0.05) high = middle;
    else low = middle + 1;
  }
  return spoken.words[low - 1];
}

/** The words that a piece of evidence touches; `null` when it touches none. */
export function wordsOf(spoken: SpokenText, evidence: EvidenceDto): WordSpan | null {
  // The first word that ends after the evidence starts, by bisection: a long visit has tens of thousands.
  let low = 0;
  let high = spoken.words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spoken.words[middle]!.end > evidence.start) high = middle;
    else low = middle + 1;
  }
  let to = low;
  while (to < spoken.words.length && spoken.words[to]!.start < evidence.end) to += 1;
  if (evidence.start_s !== undefined && !carries(spoken.words.slice(low, to), evidence.quote)) {
    return wordsBetween(spoken, evidence.start_s, evidence.end_s ?? evidence.start_s);
  }
  return to > low ? { from: low, to } : null;
}

/** Whether these words hold the quote: not after somebody put the transcript right, which moves what comes later. */
function carries(words: SpokenWord[], quote: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, " ").trim();
  return plain(words.map((word) => word.text).join(" ")).includes(plain(quote));
}

/** The words said between two moments, in seconds. */
function wordsBetween(spoken: SpokenText, from_s: number, to_s: number): WordSpan | null {
  const from = spoken.words.findIndex((word) => word.start_s >= from_s - 0.005);
  if (from < 0) return null;
  let to = from;
  while (to < spoken.words.length && spoken.words[to]!.start_s < to_s) to += 1;
  return to > from ? { from, to } : null;
}

/** For each word, the findings (by index) that rest on it, in the order of `findings`. */
export function findingsByWord(spoken: SpokenText, findings: readonly FindingDto[]): (readonly number[])[] {
  const by: number[][] = spoken.words.map(() => []);
  findings.forEach((finding, f) => {
    for (const evidence of finding.evidence) {
      const span = wordsOf(spoken, evidence);
      if (span === null) continue;
      for (let w = span.from; w < span.to; w += 1) {
        const here = by[w]!;
        if (here[here.length - 1] !== f) here.push(f);
      }
    }
  });
  return by;
}

/** The words of one segment, cut wherever the findings change. */
export function runsOf(spoken: SpokenText, by: readonly (readonly number[])[], segment: number): Run[] {
  const runs: Run[] = [];
  const last = spoken.firstWord[segment + 1] ?? 0;
  for (let w = spoken.firstWord[segment] ?? 0; w < last; w += 1) {
    const findings = by[w] ?? [];
    const open = runs[runs.length - 1];
    if (open !== undefined && same(open.findings, findings)) open.to = w + 1;
    else runs.push({ from: w, to: w + 1, findings });
  }
  return runs;
}

/** The findings that rest on any of these words, in order. */
export function findingsOn(by: readonly (readonly number[])[], span: WordSpan): number[] {
  const on = new Set<number>();
  for (let w = span.from; w < span.to; w += 1) for (const f of by[w] ?? []) on.add(f);
  return [...on].sort((a, b) => a - b);
}

/** Every word a finding rests on. */
export function evidenceWords(spoken: SpokenText, finding: FindingDto): WordSpan[] {
  return finding.evidence.map((e) => wordsOf(spoken, e)).filter((span) => span !== null);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** The words that begin like one of those looked for, as the search finds them: whatever their case and accents. */
export function wordsLike(spoken: SpokenText, sought: string): WordSpan[] {
  const beginnings = plainWords(sought);
  if (beginnings.length === 0) return [];
  const like = (text: string) => plainWords(text).some((word) => beginnings.some((beginning) => word.startsWith(beginning)));
  return spoken.words.filter((word) => like(word.text)).map(({ index }) => ({ from: index, to: index + 1 }));
}

const plainWords = (text: string): string[] =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
