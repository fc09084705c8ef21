import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import type { LayoutSectionDto, NoteLayoutDto } from "@/ipc/bindings.gen";
import { type NoteTopic, TOPICS } from "@/ipc/note";
import { t } from "@/lib/i18n";

type Layout = Pick<NoteLayoutDto, "title" | "sections">;

type Props = {
  layout: NoteLayoutDto;
  busy: boolean;
  error: unknown;
  saved: boolean;
  onSave: (layout: Layout) => void;
  onBundled: () => void;
};

/** A kind of document: its title, its sections, and what stands in which. */
export function LayoutEditor({ layout, busy, error, saved, onSave, onBundled }: Props) {
  const [title, setTitle] = useState(layout.title);
  const [sections, setSections] = useState<LayoutSectionDto[]>(layout.sections);
  const changed = title !== layout.title || JSON.stringify(sections) !== JSON.stringify(layout.sections);
  const incomplete = title.trim() === "" || sections.some((section) => section.title.trim() === "");

  const rename = (key: string, to: string) => setSections(sections.map((s) => (s.key === key ? { ...s, title: to } : s)));
  const move = (at: number, by: number) => {
    const next = [...sections];
    const [section] = next.splice(at, 1);
    if (section !== undefined) next.splice(at + by, 0, section);
    setSections(next);
  };
  const remove = (at: number) => {
    const orphans = sections[at]?.topics ?? [];
    const left = sections.filter((_, i) => i !== at);
    // What stood in it goes to the neighbour: nothing that is accepted may be left unsaid.
    const heir = Math.max(0, at - 1);
    setSections(left.map((s, i) => (i === heir ? { ...s, topics: ordered([...s.topics, ...orphans]) } : s)));
  };
  const add = () => {
    let n = sections.length + 1;
    while (sections.some((s) => s.key === `own-${n}`)) n += 1;
    setSections([...sections, { key: `own-${n}`, title: "", topics: [] }]);
  };
  const place = (topic: NoteTopic, key: string) =>
    setSections(
      sections.map((s) => {
        const rest = s.topics.filter((known) => known !== topic);
        return s.key === key ? { ...s, topics: ordered([...rest, topic]) } : { ...s, topics: rest };
      }),
    );

  return (
    <form
      aria-label={t("templates.edit")}
      onSubmit={(event) => {
        event.preventDefault();
        onSave({ title, sections });
      }}
      className="min-w-0 space-y-6"
    >
      {error !== null && <ErrorNotice error={error} />}
      {saved && !changed && error === null && <Notice tone="good" title={t("templates.saved")} />}
      <Field label={t("templates.documentTitle")} value={title} maxLength={80} onChange={(event) => setTitle(event.target.value)} />
      <div className="grid gap-6 xl:grid-cols-2">
        <section aria-label={t("templates.sections")}>
          <h2 className="mb-2 font-medium">{t("templates.sections")}</h2>
          <ol className="space-y-2">
            {sections.map((section, at) => (
              <li key={section.key} className="flex items-center gap-1">
                <input
                  aria-label={t("templates.heading", { n: at + 1 })}
                  value={section.title}
                  maxLength={80}
                  autoFocus={section.title === "" && section.key.startsWith("own-")}
                  onChange={(event) => rename(section.key, event.target.value)}
                  className="h-11 min-w-0 flex-1 rounded-lg border border-edge bg-surface px-3 text-ink focus-visible:outline-offset-0"
                />
                <Step label={t("templates.up", { title: section.title })} disabled={at === 0} onClick={() => move(at, -1)}>
                  <ArrowUp aria-hidden className="size-4.5" />
                </Step>
                <Step label={t("templates.down", { title: section.title })} disabled={at === sections.length - 1} onClick={() => move(at, 1)}>
                  <ArrowDown aria-hidden className="size-4.5" />
                </Step>
                <Step label={t("templates.remove", { title: section.title })} disabled={sections.length === 1} onClick={() => remove(at)}>
                  <Trash2 aria-hidden className="size-4.5" />
                </Step>
              </li>
            ))}
          </ol>
          <Button className="mt-3" onClick={add} disabled={sections.length >= 20} icon={<Plus aria-hidden className="size-4.5" />}>
            {t("templates.add")}
          </Button>
        </section>
        <section aria-label={t("templates.places")}>
          <h2 className="mb-2 font-medium">{t("templates.places")}</h2>
          <div className="divide-y divide-line rounded-xl border border-line bg-surface">
            {TOPICS.map((topic) => (
              <label key={topic} className="flex min-h-12 items-center justify-between gap-4 px-4 py-0.5">
                <span>{t(`topics.${topic}`)}</span>
                <select
                  value={sections.find((s) => s.topics.includes(topic))?.key ?? ""}
                  onChange={(event) => place(topic, event.target.value)}
                  className="h-11 w-40 shrink-0 rounded-lg border-0 bg-surface pr-8 pl-2 font-medium text-ink"
                >
                  {sections.map((section) => (
                    <option key={section.key} value={section.key}>
                      {section.title === "" ? t("templates.nameless") : section.title}
                    </option>
                  ))}
                </select>
              </label>
            ))}
          </div>
        </section>
      </div>
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-5">
        <Button type="submit" look="primary" disabled={busy || !changed || incomplete}>
          {t("templates.save")}
        </Button>
        <Button
          disabled={busy || !changed}
          onClick={() => {
            setTitle(layout.title);
            setSections(layout.sections);
          }}
        >
          {t("templates.revert")}
        </Button>
        {layout.own && (
          <Button look="quiet" disabled={busy} onClick={onBundled} className="ml-auto">
            {t("templates.bundled")}
          </Button>
        )}
      </div>
    </form>
  );
}

/** Topics in the order of a visit. */
const ordered = (topics: readonly string[]): string[] => TOPICS.filter((topic) => topics.includes(topic));

function Step({ label, disabled, onClick, children }: { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="grid size-11 shrink-0 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink disabled:opacity-40 disabled:hover:bg-transparent"
    >
      {children}
    </button>
  );
}
