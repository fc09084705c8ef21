/** Words of a line, each with how they are set. */
export type Span =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "emphasis"; spans: Span[] }
  | { kind: "link"; to: string; spans: Span[] }
  | { kind: "picture"; src: string; alt: string };

export type Block =
  | { kind: "heading"; level: number; spans: Span[] }
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; items: Block[][] }
  | { kind: "table"; head: Span[][]; rows: Span[][][] };

const FENCE = /^```/;
const HEADING = /^(#{1,4}) +(.*)$/;
const ITEM = /^(-|\d+\.) +/;

/** The part of Markdown that our own documents are written in (docs/): no HTML, no references. */
export function parse(text: string): Block[] {
  return blocks(text.split("\n"));
}

const begins = (line: string): boolean => line === "" || FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || line.startsWith("|");

function blocks(lines: readonly string[]): Block[] {
  const out: Block[] = [];
  let at = 0;
  /** The lines from here on for which it holds. */
  const run = (holds: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && holds(lines[at]!)) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = HEADING.exec(line);
    if (line.trim() === "") {
      at += 1;
    } else if (heading !== null) {
      out.push({ kind: "heading", level: heading[1]!.length, spans: inline(heading[2]!) });
      at += 1;
    } else if (FENCE.test(line)) {
      at += 1;
      out.push({ kind: "code", text: run((l) => !FENCE.test(l)).join("\n") });
      at += 1;
    } else if (line.startsWith("|")) {
      const [head, , ...rows] = run((l) => l.startsWith("|")).map(cells);
      out.push({ kind: "table", head: head ?? [], rows });
    } else if (ITEM.test(line)) {
      const ordered = line[0] !== "-";
      const items: Block[][] = [];
      while (at < lines.length && ITEM.test(lines[at]!) && (lines[at]![0] !== "-") === ordered) items.push(item());
      out.push({ kind: "list", ordered, items });
    } else {
      at += 1;
      const rest = run((l) => !begins(l.trimEnd()));
      out.push({ kind: "paragraph", spans: inline([line, ...rest].map((l) => l.trim()).join(" ")) });
    }
  }
  return out;

  /** What stands behind one marker: its line, what is indented as deep, and lines that only go on. */
  function item(): Block[] {
    const marker = ITEM.exec(lines[at]!)![0].length;
    const own = [lines[at]!.slice(marker)];
    at += 1;
    for (; at < lines.length; at += 1) {
      const line = lines[at]!;
      const indented = line.startsWith(" ".repeat(Math.min(marker, 2)));
      const next = lines[at + 1] ?? "";
      if (line.trim() === "" ? !next.startsWith(" ") || next.trim() === "" : !indented && (begins(line) || FENCE.test(own.at(-1)!))) break;
      own.push(indented ? line.replace(new RegExp(`^ {0,${marker}}`), "") : line);
    }
    // One empty line may stand between items.
    if (lines[at]?.trim() === "" && ITEM.test(lines[at + 1] ?? "")) at += 1;
    return blocks(own);
  }
}

/** A row's cells; a bar within one is written `\|`. */
const cells = (row: string): Span[][] =>
  row
    .replace(/^\|/, "")
    .replace(/\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim().replaceAll("\\|", "|")));

const INLINE =
  /(`+)(.+?)\1|!\[([^\]]*)\]\(([^)]*)\)|\[((?:[^\]`]|`[^`]*`)*)\]\(([^)]*)\)|\*\*(.+?)\*\*|\*([^*\s](?:[^*]*[^*\s])?)\*/g;

function inline(text: string): Span[] {
  const out: Span[] = [];
  let from = 0;
  const plain = (to: number) => {
    if (to > from) out.push({ kind: "text", text: text.slice(from, to) });
  };
  for (const found of text.matchAll(INLINE)) {
    const [all, , code, alt, src, words, to, strong, emphasis] = found;
    plain(found.index);
    from = found.index + all.length;
    if (code !== undefined) out.push({ kind: "code", text: code });
    else if (src !== undefined) out.push({ kind: "picture", src, alt: alt ?? "" });
    else if (to !== undefined) out.push({ kind: "link", to, spans: inline(words ?? "") });
    else if (strong !== undefined) out.push({ kind: "strong", spans: inline(strong) });
    else out.push({ kind: "emphasis", spans: inline(emphasis ?? "") });
  }
  plain(text.length);
  return out;
}

/** The words alone. */
export const wordsOf = (spans: readonly Span[]): string =>
  spans.map((span) => ("text" in span ? span.text : "spans" in span ? wordsOf(span.spans) : "")).join("");
