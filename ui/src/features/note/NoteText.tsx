import { Plus } from "lucide-react";
import { useState } from "react";
import { CHUNK, chunked, InSight } from "@/components/InSight";
import type { NoteSectionDto, NoteSentenceDto } from "@/ipc/bindings.gen";
import type { SavedSection } from "@/ipc/note";
import { t } from "@/lib/i18n";
import { SentenceEditor, SentenceRow } from "./SentenceRow";

type Props = {
  sections: readonly NoteSectionDto[];
  chosen: NoteSentenceDto | null;
  onChoose: (sentence: NoteSentenceDto | null) => void;
  /** Nothing for a note that is signed. */
  onEdit: ((edit: (sections: SavedSection[]) => SavedSection[]) => void) | undefined;
};

/** About how tall a sentence is, before it is drawn. */
const ROW_PX = 46;

const alike = (a: NoteSentenceDto, b: NoteSentenceDto) =>
  a.text === b.text && a.findings.length === b.findings.length && a.findings.every((f, i) => f.path === b.findings[i]?.path);

/** The note by section, sentence by sentence. */
export function NoteText({ sections, chosen, onChoose, onEdit }: Props) {
  return (
    <div className="space-y-4 rounded-xl border border-line bg-surface px-4 py-4">
      {sections.map((section) => (
        <Section key={section.key} section={section} chosen={chosen} onChoose={onChoose} onEdit={onEdit} />
      ))}
    </div>
  );
}

type SectionProps = Omit<Props, "sections"> & { section: NoteSectionDto };

function Section({ section, chosen, onChoose, onEdit }: SectionProps) {
  // The sentence that is being added: where it will stand, once its first words are kept.
  const [adding, setAdding] = useState<number | null>(null);
  const written = (n: number, text: string) =>
    onEdit?.((all) =>
      all.map((s) => {
        if (s.key !== section.key) return s;
        const sentences = [...s.sentences];
        const known = sentences[n];
        if (known === undefined) sentences.push({ text, findings: [] });
        else if (text.trim() === "") sentences.splice(n, 1);
        else sentences[n] = { ...known, text };
        return { ...s, sentences };
      }),
    );
  const shown = adding === null ? section.sentences : section.sentences.slice(0, adding);
  return (
    <section aria-label={section.title}>
      <div className="flex min-h-8 items-center justify-between pl-3">
        <h3 className="text-meta font-semibold tracking-wide text-accent uppercase">{section.title}</h3>
        {onEdit !== undefined && (
          <button
            type="button"
            aria-label={t("note.addTo", { section: section.title })}
            title={t("note.add")}
            onClick={() => setAdding(section.sentences.length)}
            className="-my-1.5 grid size-11 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink"
          >
            <Plus aria-hidden className="size-4.5" />
          </button>
        )}
      </div>
      {shown.length === 0 && adding === null && <p className="px-3 text-ink-3">{t("note.nothing")}</p>}
      {chunked(shown).map(({ from, part }) => (
        <InSight key={from} estimate={part.length * ROW_PX} always={shown.length <= CHUNK}>
          {() => (
            <ul>
              {part.map((sentence, i) => (
                <li key={`${from + i} ${sentence.findings[0]?.path ?? ""}`}>
                  <SentenceRow
                    sentence={sentence}
                    chosen={chosen !== null && alike(chosen, sentence)}
                    onChoose={() => onChoose(chosen !== null && alike(chosen, sentence) ? null : sentence)}
                    onChange={onEdit === undefined ? undefined : (text) => written(from + i, text)}
                  />
                </li>
              ))}
            </ul>
          )}
        </InSight>
      ))}
      {adding !== null && (
        <SentenceEditor text="" label={t("note.addTo", { section: section.title })} onChange={(text) => written(adding, text)} onClose={() => setAdding(null)} />
      )}
    </section>
  );
}
