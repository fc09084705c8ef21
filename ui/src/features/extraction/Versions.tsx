import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ExtractionDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";

type Props = { extractions: ExtractionDto[]; shown: string; onShow: (id: string) => void };

/** The extractions of a visit, newest first, when there is more than one. */
export function Versions({ extractions, shown, onShow }: Props) {
  if (extractions.length < 2) return null;
  const name = (extraction: ExtractionDto, i: number) =>
    t("findings.version", { schema: extraction.schema, n: extractions.length - i });
  const current = extractions.findIndex((extraction) => extraction.id === shown);
  const open = extractions[current];
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        title={t("findings.versions")}
        className="flex min-h-11 min-w-0 items-center gap-1.5 rounded-lg px-2.5 text-meta font-medium text-ink-2 hover:bg-sunken data-[state=open]:bg-sunken"
      >
        <span className="truncate">{open === undefined ? t("findings.versions") : name(open, current)}</span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-ink-3" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          className="appear scroll-quiet z-30 max-h-96 min-w-60 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
        >
          <DropdownMenu.RadioGroup value={shown} onValueChange={onShow}>
            {extractions.map((extraction, i) => (
              <DropdownMenu.RadioItem
                key={extraction.id}
                value={extraction.id}
                className="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none data-[highlighted]:bg-sunken"
              >
                {name(extraction, i)}
                <DropdownMenu.ItemIndicator className="ml-auto">
                  <Check aria-hidden className="size-4 text-accent" />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
