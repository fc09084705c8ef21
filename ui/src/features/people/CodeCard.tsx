import { Printer } from "lucide-react";
import { Button } from "@/components/Button";
import { date } from "@/lib/format";
import { t } from "@/lib/i18n";

/** An enrolment code, this once. */
export type GivenCode = { name: string; code: string; expires: string };

export function CodeCard({ given, onDone }: { given: GivenCode; onDone: () => void }) {
  const title = t("enrolment.codeGiven", { name: given.name });
  return (
    <section aria-label={title} role="alert" className="appear space-y-4 rounded-xl border border-line bg-surface p-6">
      <div>
        <h2 className="text-title font-semibold">{title}</h2>
        <p className="mt-1 max-w-2xl text-ink-2">
          {t("enrolment.codeGivenBody", { date: date(new Date(given.expires)) })}
        </p>
      </div>
      <p className="selectable font-mono text-lead font-medium tracking-normal break-words">{given.code}</p>
      <div className="flex gap-2 print:hidden">
        <Button look="primary" onClick={onDone}>
          {t("enrolment.codeDone")}
        </Button>
        <Button onClick={() => window.print()} icon={<Printer aria-hidden className="size-4.5" />}>
          {t("enrolment.print")}
        </Button>
      </div>
    </section>
  );
}
