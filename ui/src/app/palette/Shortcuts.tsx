import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { t } from "@/lib/i18n";
import { Keys } from "./Keys";

/** Every key that does something, by where it does. */
const SHORTCUTS = [
  {
    name: () => t("shortcuts.everywhere"),
    keys: [
      { keys: ["Ctrl", "K"], does: () => t("shortcuts.palette") },
      { keys: ["?"], does: () => t("shortcuts.overlay") },
      { keys: ["Ctrl", "+"], does: () => t("shortcuts.larger") },
      { keys: ["Ctrl", "−"], does: () => t("shortcuts.smaller") },
      { keys: ["Ctrl", "0"], does: () => t("shortcuts.actual") },
      { keys: ["Esc"], does: () => t("shortcuts.close") },
    ],
  },
  {
    name: () => t("shortcuts.findings"),
    keys: [
      { keys: ["J"], does: () => t("shortcuts.next") },
      { keys: ["K"], does: () => t("shortcuts.previous") },
      { keys: ["A"], does: () => t("shortcuts.accept") },
      { keys: ["R"], does: () => t("shortcuts.reject") },
      { keys: ["E"], does: () => t("shortcuts.edit") },
      { keys: ["Ctrl", "Z"], does: () => t("shortcuts.undo") },
      { keys: ["←", "→"], does: () => t("shortcuts.evidence") },
    ],
  },
  {
    name: () => t("shortcuts.note"),
    keys: [
      { keys: ["Enter"], does: () => t("shortcuts.keepSentence") },
      { keys: ["Esc"], does: () => t("shortcuts.leaveSentence") },
    ],
  },
] as const;

/** The keys, in one look. */
export function Shortcuts({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appear scroll-quiet fixed top-1/2 left-1/2 z-50 max-h-[88vh] w-[min(46rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl border border-line bg-surface p-6 shadow-lift"
        >
          <div className="mb-4 flex items-center justify-between">
            <Dialog.Title className="text-title font-semibold">{t("shortcuts.title")}</Dialog.Title>
            <Dialog.Close aria-label={t("shortcuts.close")} className="-mr-2 grid size-11 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink">
              <X aria-hidden className="size-5" />
            </Dialog.Close>
          </div>
          <div className="gap-x-10 sm:columns-2">
            {SHORTCUTS.map((group) => (
              <section key={group.name()} aria-label={group.name()} className="mb-5 break-inside-avoid">
                <h3 className="border-b border-line pb-2 text-meta font-semibold text-ink-3">{group.name()}</h3>
                <dl>
                  {group.keys.map(({ keys, does }) => (
                    <div key={does()} className="flex min-h-10 items-center justify-between gap-4">
                      <dt className="order-2">
                        <Keys keys={keys} />
                      </dt>
                      <dd className="text-ink">{does()}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
