import { t } from "@/lib/i18n";

const STEPS = 5;

/** How far a first start is. */
export function Step({ n }: { n: number }) {
  return (
    <div className="mb-3 print:hidden">
      <p className="text-meta font-medium text-ink-3">{t("create.step", { n })}</p>
      <p aria-hidden className="mt-2 flex gap-1.5">
        {Array.from({ length: STEPS }, (_, i) => (
          <span key={i} className={`h-1 flex-1 rounded-full ${i < n ? "bg-accent" : "bg-line"}`} />
        ))}
      </p>
    </div>
  );
}
