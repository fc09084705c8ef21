import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Chip } from "@/components/Chip";
import type { NoteLayoutDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import type { NoteTemplate } from "@/ipc/note";
import { t } from "@/lib/i18n";
import { LayoutEditor } from "./LayoutEditor";

export const LAYOUTS = ["layouts"] as const;

/** The five kinds of document, each as its person lays it out. */
export function Templates() {
  const ipc = useIpc();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<NoteTemplate>("soap");
  const layouts = useQuery({ queryKey: LAYOUTS, queryFn: () => ipc.call("list_layouts", {}) });
  const save = useMutation({
    mutationFn: (layout: Pick<NoteLayoutDto, "title" | "sections"> | null) => ipc.call("save_layout", { template: chosen, layout }),
    onSuccess: (all) => queries.setQueryData(LAYOUTS, all),
  });
  const shown = layouts.data?.find((layout) => layout.template === chosen);
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-5xl px-8 py-8 max-md:px-4 max-md:py-5">
        <h1 className="text-hero font-semibold">{t("templates.title")}</h1>
        <p className="mt-1 max-w-2xl text-ink-2">{t("templates.lead")}</p>
        {layouts.isError && <ErrorNotice error={layouts.error} />}
        <div className="mt-6 grid gap-6 lg:grid-cols-[15rem_minmax(0,1fr)]">
          <ul aria-label={t("note.template")} className="space-y-1 max-lg:flex max-lg:flex-wrap max-lg:gap-1">
            {(layouts.data ?? []).map((layout) => (
              <li key={layout.template}>
                <button
                  type="button"
                  aria-pressed={layout.template === chosen}
                  onClick={() => {
                    save.reset();
                    setChosen(layout.template as NoteTemplate);
                  }}
                  className="flex min-h-11 w-full items-center justify-between gap-3 rounded-lg px-3 text-left font-medium text-ink-2 tint hover:bg-sunken aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
                >
                  {t(`note.templates.${layout.template as NoteTemplate}`)}
                  {layout.own && <Chip tone="accent">{t("templates.own")}</Chip>}
                </button>
              </li>
            ))}
          </ul>
          {shown !== undefined && (
            <LayoutEditor
              key={`${shown.template} ${JSON.stringify(shown)}`}
              layout={shown}
              busy={save.isPending}
              error={save.error}
              saved={save.isSuccess}
              onSave={save.mutate}
              onBundled={() => save.mutate(null)}
            />
          )}
        </div>
      </div>
    </div>
  );
}
