import { AudioLines, FileSearch, Quote } from "lucide-react";
import type { ReactNode } from "react";
import { Arch } from "@/components/Arch";
import { t } from "@/lib/i18n";

/** An empty list that teaches the next step. */
export function NoVisits({ action }: { action: ReactNode }) {
  const steps = [
    { icon: <AudioLines aria-hidden />, title: t("visits.emptyStep1"), body: t("visits.emptyStep1Body") },
    { icon: <FileSearch aria-hidden />, title: t("visits.emptyStep2"), body: t("visits.emptyStep2Body") },
    { icon: <Quote aria-hidden />, title: t("visits.emptyStep3"), body: t("visits.emptyStep3Body") },
  ];
  return (
    <div role="region" aria-label={t("visits.emptyTitle")} tabIndex={0} className="scroll-quiet flex min-h-0 flex-1">
      <section className="m-auto w-full max-w-3xl px-8 py-10 text-center">
        <Arch className="mx-auto size-14 text-accent" />
        <h2 className="mt-5 text-title font-semibold">{t("visits.emptyTitle")}</h2>
        <p className="mx-auto mt-2 max-w-lg text-lead text-balance text-ink-2">{t("visits.emptyBody")}</p>
        <div className="mt-6">{action}</div>
        <ol className="mt-12 grid grid-cols-3 gap-4 text-left max-md:grid-cols-1">
          {steps.map((step) => (
            <li key={step.title} className="rounded-xl border border-line bg-surface p-5">
              <span className="grid size-9 place-items-center rounded-lg bg-accent-soft text-accent [&>svg]:size-5">{step.icon}</span>
              <p className="mt-3 font-semibold">{step.title}</p>
              <p className="mt-0.5 text-ink-2">{step.body}</p>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
