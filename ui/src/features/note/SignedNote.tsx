import { Signature } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ExportMenu } from "@/components/ExportMenu";
import { Field } from "@/components/Field";
import { Moment } from "@/components/Moment";
import type { NoteSentenceDto, SignedNoteDto } from "@/ipc/bindings.gen";
import type { NoteForm } from "@/ipc/note";
import { date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { NoteLists } from "./NoteLists";
import { NoteText } from "./NoteText";

/** The ways out of a signed note. */
const FORMS = ["copy", "md", "pdf", "pdfEvidence", "docx", "fhir"] as const;

type Props = {
  versions: readonly SignedNoteDto[];
  chosen: NoteSentenceDto | null;
  busy: boolean;
  onChoose: (sentence: NoteSentenceDto | null) => void;
  onExport: (format: NoteForm, version: number, evidence: boolean) => void;
  /** Nothing while an amendment is being written. */
  onAmend: ((reason: string) => void) | undefined;
};

/** What was signed: one version at a time, unchangeable. */
export function SignedNote({ versions, chosen, busy, onChoose, onExport, onAmend }: Props) {
  const [version, setVersion] = useState<number | null>(null);
  const [amending, setAmending] = useState(false);
  const shown = versions.find((v) => v.version === version) ?? versions[0];
  if (shown === undefined) return null;
  return (
    <>
      <div tabIndex={0} role="region" aria-label={t("note.title")} className="scroll-quiet min-h-0 flex-1 space-y-5 p-5">
        <div className="rounded-xl bg-good-soft p-4">
          <p className="flex items-center gap-2 font-semibold text-ink">
            <Signature aria-hidden className="size-5 text-good" />
            {t("note.signedBy", { name: shown.signed_by })}
          </p>
          <p className="dotted mt-0.5 text-meta text-ink-2">
            <span>{t("note.version", { version: shown.version })}</span>
            <Moment at={new Date(shown.signed_at)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
          </p>
          {shown.reason !== null && <p className="selectable mt-1 text-ink-2">{t("note.amends", { reason: shown.reason })}</p>}
          <p className="mt-2 text-meta text-ink-2">
            SHA-256 <span className="selectable block font-mono text-[0.75rem] break-all">{shown.sha256}</span>
          </p>
        </div>
        {versions.length > 1 && (
          <div role="group" aria-label={t("note.versions")} className="flex flex-wrap gap-2">
            {versions.map((v) => (
              <button
                key={v.version}
                type="button"
                aria-pressed={v === shown}
                onClick={() => setVersion(v.version)}
                className="min-h-11 rounded-lg border border-edge px-3 font-medium text-ink-2 hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
              >
                {t("note.version", { version: v.version })}
              </button>
            ))}
          </div>
        )}
        <NoteLists lists={shown.lists} chosen={chosen} onChoose={onChoose} />
        <NoteText sections={shown.sections} chosen={chosen} onChoose={onChoose} onEdit={undefined} />
      </div>
      {amending && onAmend !== undefined ? (
        <Amend
          version={(versions[0]?.version ?? 0) + 1}
          busy={busy}
          onBegin={(reason) => {
            onAmend(reason);
            setAmending(false);
          }}
          onClose={() => setAmending(false)}
        />
      ) : (
        <footer className="flex min-h-16 items-center justify-end gap-2 border-t border-line bg-surface px-5 py-2.5">
          {onAmend !== undefined && <Button onClick={() => setAmending(true)}>{t("note.amend")}</Button>}
          <ExportMenu
            words={t("note.export")}
            forms={FORMS.map((form) => [form, t(`note.forms.${form}`)] as const)}
            onExport={(form) => onExport(form === "pdfEvidence" ? "pdf" : form, shown.version, form === "pdfEvidence")}
          />
        </footer>
      )}
    </>
  );
}

type AmendProps = { version: number; busy: boolean; onBegin: (reason: string) => void; onClose: () => void };

function Amend({ version, busy, onBegin, onClose }: AmendProps) {
  const [reason, setReason] = useState("");
  return (
    <form
      className="border-t border-line bg-surface px-5 py-4"
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        onBegin(reason);
      }}
    >
      <Field label={t("note.amendReason")} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
      <div className="mt-3 flex gap-2">
        <Button type="submit" look="primary" disabled={reason.trim() === "" || busy}>
          {t("note.amendBegin", { version })}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {t("note.cancel")}
        </Button>
      </div>
    </form>
  );
}
