import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FilePen, LayoutTemplate } from "lucide-react";
import { useEffect, useState } from "react";
import { Arch } from "@/components/Arch";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import type { NoteDraftDto, NoteDto, NoteExportDto, NoteSentenceDto } from "@/ipc/bindings.gen";
import { type NoteForm, type NoteTemplate, type SavedSection, TEMPLATES } from "@/ipc/note";
import { t } from "@/lib/i18n";
import { LAYOUTS } from "@/features/templates/Templates";
import { useIpc } from "@/ipc/context";
import { NoteLists } from "./NoteLists";
import { NoteText } from "./NoteText";
import { SignCard } from "./SignCard";
import { SignedNote } from "./SignedNote";

type Props = {
  note: NoteDto | undefined;
  error: unknown;
  busy: boolean;
  exported: NoteExportDto | null;
  chosen: NoteSentenceDto | null;
  onChoose: (sentence: NoteSentenceDto | null) => void;
  onDecideNext: () => void;
  onDraft: (template?: NoteTemplate) => void;
  onEdit: (edit: (sections: SavedSection[]) => SavedSection[]) => void;
  onRestore: () => void;
  onDiscard: () => void;
  onSign: (password: string) => void;
  onAmend: (reason: string) => void;
  onExport: (format: NoteForm, version: number, evidence: boolean) => void;
  onDismiss: () => void;
};

/** A visit's note: nothing yet, a draft, or what was signed. */
export function NotePane(props: Props) {
  const { note, error, exported, onDismiss } = props;
  return (
    <section aria-label={t("note.title")} className="flex min-h-0 flex-1 flex-col">
      {error !== null && (
        <div className="px-5 pt-4">
          <ErrorNotice error={error} action={<Button onClick={onDismiss}>{t("visits.dismiss")}</Button>} />
        </div>
      )}
      {exported !== null && <Exported exported={exported} onDismiss={onDismiss} />}
      {note === undefined ? (
        error === null && <p className="p-5 text-ink-3">{t("note.loading")}</p>
      ) : note.draft !== null ? (
        <Draft {...props} draft={note.draft} amends={note.signed.length > 0} />
      ) : note.signed.length > 0 ? (
        <SignedNote
          versions={note.signed}
          chosen={props.chosen}
          busy={props.busy}
          onChoose={props.onChoose}
          onExport={props.onExport}
          onAmend={props.onAmend}
        />
      ) : (
        <Empty busy={props.busy} onDraft={props.onDraft} />
      )}
    </section>
  );
}

function Empty({ busy, onDraft }: { busy: boolean; onDraft: (template: NoteTemplate) => void }) {
  const [template, setTemplate] = useState<NoteTemplate>("soap");
  return (
    <div className="m-auto max-w-md p-8 text-center">
      <Arch className="mx-auto size-12 text-ink-3" />
      <h2 className="mt-4 text-title font-semibold">{t("note.emptyTitle")}</h2>
      <p className="mt-1 text-ink-2">{t("note.emptyBody")}</p>
      <div className="mt-5 flex justify-center gap-2">
        <TemplateChoice template={template} onTemplate={setTemplate} />
        <Button look="primary" disabled={busy} onClick={() => onDraft(template)} icon={<FilePen aria-hidden className="size-4.5" />}>
          {t("note.begin")}
        </Button>
      </div>
    </div>
  );
}

function TemplateChoice({ template, onTemplate }: { template: string; onTemplate: (template: NoteTemplate) => void }) {
  return (
    <select
      aria-label={t("note.template")}
      value={template}
      onChange={(event) => onTemplate(event.target.value as NoteTemplate)}
      className="min-h-11 rounded-lg border border-edge bg-surface pr-9 pl-3 font-medium text-ink"
    >
      {TEMPLATES.map((name) => (
        <option key={name} value={name}>
          {t(`note.templates.${name}`)}
        </option>
      ))}
    </select>
  );
}

function Draft({ draft, amends, ...props }: Props & { draft: NoteDraftDto; amends: boolean }) {
  const [sure, setSure] = useState(false);
  const said = draft.sections.some((section) => section.sentences.length > 0);
  const newer = useNewerLayout(draft);
  return (
    <>
      <header className="flex min-h-14 items-center gap-x-3 gap-y-1 max-sm:flex-wrap border-b border-line px-5 py-1.5">
        <TemplateChoice template={draft.template} onTemplate={props.onDraft} />
        <Link
          to="/templates"
          aria-label={t("templates.open")}
          title={t("templates.open")}
          className="-ml-2 grid size-11 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink"
        >
          <LayoutTemplate aria-hidden className="size-4.5" />
        </Link>
        <p className="min-w-0 flex-1 text-meta text-ink-3">
          <span className="max-xl:sr-only">{t("note.draftOf", { version: draft.version })} · </span>
          {props.busy ? t("note.saving") : t("note.saved")}
        </p>
        <Button
          look="quiet"
          className={`ml-auto px-3! ${sure ? "text-danger" : ""}`}
          disabled={props.busy}
          onBlur={() => setSure(false)}
          onClick={() => (sure ? props.onDiscard() : setSure(true))}
        >
          {sure ? t("note.discardSure") : t("note.discard")}
        </Button>
      </header>
      <div tabIndex={0} role="region" aria-label={t("note.draftOf", { version: draft.version })} className="scroll-quiet min-h-0 flex-1 space-y-4 p-5">
        {amends && draft.reason !== null && <Notice tone="info" title={t("note.amends", { reason: draft.reason })} />}
        {draft.sources.some((source) => source.text_changed) && <Notice tone="warn" title={t("note.textChanged")} />}
        {newer && (
          <Notice
            tone="info"
            title={t("templates.newer")}
            action={<Button onClick={() => props.onDraft(draft.template as NoteTemplate)}>{t("templates.layOut")}</Button>}
          />
        )}
        <NoteLists lists={draft.lists} chosen={props.chosen} onChoose={props.onChoose} />
        {!said && <p className="text-ink-2">{t("note.nothingYet")}</p>}
        <NoteText sections={draft.sections} chosen={props.chosen} onChoose={props.onChoose} onEdit={props.onEdit} />
        {draft.left_out > 0 && (
          <p className="flex items-center gap-2 text-ink-2">
            {t("note.leftOut", { count: draft.left_out })}
            <Button look="quiet" onClick={props.onRestore}>
              {t("note.restore")}
            </Button>
          </p>
        )}
      </div>
      <SignCard draft={draft} busy={props.busy} onDecideNext={props.onDecideNext} onSign={props.onSign} />
    </>
  );
}

/** Whether the person laid this kind of document out anew since the draft was begun. */
function useNewerLayout({ template, sections }: NoteDraftDto): boolean {
  const ipc = useIpc();
  const layouts = useQuery({ queryKey: LAYOUTS, queryFn: () => ipc.call("list_layouts", {}) }).data;
  const now = layouts?.find((layout) => layout.template === template)?.sections;
  const named = (all: readonly { key: string; title: string }[]) => all.map(({ key, title }) => `${key} ${title}`).join("\n");
  return now !== undefined && named(now) !== named(sections);
}

/** The file, or the clipboard; where that is closed, the text to copy by hand. */
function Exported({ exported, onDismiss }: { exported: NoteExportDto; onDismiss: () => void }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const { file, text } = exported;
  useEffect(() => {
    if (text === null) return;
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    written.then(
      () => setCopied(true),
      () => setCopied(false),
    );
  }, [text]);
  const close = <Button onClick={onDismiss}>{t("visits.dismiss")}</Button>;
  if (file !== null) {
    return (
      <div className="px-5 pt-4">
        <Notice tone="info" title={t("note.exported", { file })} action={close} />
      </div>
    );
  }
  if (copied === null || text === null) return null;
  return (
    <div className="px-5 pt-4">
      <Notice tone={copied ? "info" : "warn"} title={copied ? t("note.copied") : t("note.copyByHand")} action={close}>
        {!copied && (
          <textarea
            readOnly
            aria-label={t("note.title")}
            rows={6}
            value={text}
            onFocus={(event) => event.target.select()}
            className="mt-2 w-full rounded-lg border border-edge bg-surface p-2 font-mono text-meta text-ink select-text"
          />
        )}
      </Notice>
    </div>
  );
}
