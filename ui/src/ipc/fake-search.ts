import type { EncounterRow, ExcerptDto, ReportHitsDto, VisitHitsDto } from "./bindings.gen";
import { TRANSCRIPT } from "./fake-visit";

const REPORT = "Chest X-ray: no focal consolidation. A 6 mm nodule in the right upper lobe, unchanged. Takes ramipril.";

/** Words looked for in the fake's texts: each must occur, as a word's beginning. */
export class FakeSearch {
  constructor(private unread: number) {}

  visits(rows: EncounterRow[], words: string): VisitHitsDto {
    const spoken = TRANSCRIPT.segments.map((s) => s.text).join(" ");
    const found = rows.flatMap((row) => {
      const places = [
        { place: "title", text: row.title },
        ...(row.state === "open" || row.state === "recorded" ? [] : [{ place: "transcript", text: spoken }]),
      ];
      return places.flatMap(({ place, text }) => {
        const parts = excerpt(text, words);
        return parts === null ? [] : [{ encounter: row.id, title: row.title, state: row.state, created: row.created, place, excerpt: parts }];
      });
    });
    return { left: this.left(), found };
  }

  reports(words: string): ReportHitsDto {
    const parts = excerpt(REPORT, words);
    if (parts === null) return { left: 0, found: [] };
    return { left: 0, found: [{ id: "doc-1", document_id: "cxr-0007", dataset: "chest", batch: "bat-1", excerpt: parts }] };
  }

  private left(): number {
    const left = this.unread;
    this.unread = Math.max(0, left - 1);
    return left;
  }
}

function excerpt(text: string, words: string): ExcerptDto[] | null {
  const beginnings = words.toLowerCase().split(/\s+/).filter(Boolean);
  const tokens = text.split(/(\s+)/);
  const like = (token: string) => beginnings.some((b) => token.toLowerCase().startsWith(b));
  if (!beginnings.every((b) => tokens.some((token) => token.toLowerCase().startsWith(b)))) return null;
  const first = tokens.findIndex(like);
  const around = tokens.slice(Math.max(0, first - 12), first + 24);
  return around.map((token) => ({ text: token, hit: like(token) }));
}
