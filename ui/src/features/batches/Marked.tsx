import type { FindingDto } from "@/ipc/bindings.gen";

/** A text with the words that findings rest on marked; the chosen one's stand out. */
export function Marked({ text, findings, chosen }: { text: string; findings: readonly FindingDto[]; chosen: number | null }) {
  return (
    <p className="selectable text-body whitespace-pre-wrap">
      {pieces(text, findings, chosen).map((piece) =>
        piece.findings.length === 0 ? (
          <span key={piece.start}>{piece.text}</span>
        ) : (
          <mark
            key={piece.start}
            data-lit={piece.lit}
            className="rounded-sm bg-accent-soft text-ink data-[lit=true]:bg-accent-lit data-[lit=true]:outline-2 data-[lit=true]:outline-accent"
            ref={(mark) => {
              if (piece.lit && mark !== null) mark.scrollIntoView?.({ block: "nearest" });
            }}
          >
            {piece.text}
          </mark>
        ),
      )}
    </p>
  );
}

type Piece = { start: number; text: string; findings: number[]; lit: boolean };

/** The text cut where evidence begins or ends. Offsets count Unicode scalars, as Rust counts them. */
export function pieces(text: string, findings: readonly FindingDto[], chosen: number | null): Piece[] {
  const scalars = [...text];
  const cuts = new Set([0, scalars.length]);
  for (const finding of findings) for (const e of finding.evidence) cuts.add(e.start).add(e.end);
  const places = [...cuts].filter((c) => c >= 0 && c <= scalars.length).sort((a, b) => a - b);
  return places.slice(0, -1).map((start, i) => {
    const end = places[i + 1] ?? scalars.length;
    const on = findings.flatMap((f, n) => (f.evidence.some((e) => e.start <= start && end <= e.end) ? [n] : []));
    return { start, text: scalars.slice(start, end).join(""), findings: on, lit: chosen !== null && on.includes(chosen) };
  });
}
