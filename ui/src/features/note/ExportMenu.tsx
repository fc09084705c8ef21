import { ChevronDown, Share } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { NoteForm } from "@/ipc/note";
import { t } from "@/lib/i18n";

const FORMS = [
  { name: "copy", format: "copy", evidence: false },
  { name: "md", format: "md", evidence: false },
  { name: "pdf", format: "pdf", evidence: false },
  { name: "pdfEvidence", format: "pdf", evidence: true },
  { name: "docx", format: "docx", evidence: false },
  { name: "fhir", format: "fhir", evidence: false },
] as const;

/** The ways out of a signed note. */
export function ExportMenu({ onExport }: { onExport: (format: NoteForm, evidence: boolean) => void }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex min-h-11 items-center gap-2 rounded-lg border border-edge bg-surface px-4 font-medium text-ink hover:bg-sunken data-[state=open]:bg-sunken">
        <Share aria-hidden className="size-4.5" />
        {t("note.export")}
        <ChevronDown aria-hidden className="size-4 text-ink-3" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className="appear z-30 min-w-56 rounded-xl border border-line bg-surface p-1.5 shadow-lift">
          {FORMS.map(({ name, format, evidence }) => (
            <DropdownMenu.Item
              key={name}
              onSelect={() => onExport(format, evidence)}
              className="flex min-h-11 cursor-pointer items-center rounded-lg px-3 outline-none data-[highlighted]:bg-sunken"
            >
              {t(`note.forms.${name}`)}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
