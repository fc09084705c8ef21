import { AudioLines, FileSearch, Quote } from "lucide-react";
import type { ReactNode } from "react";
import { Empty } from "@/components/Empty";
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
      <Empty title={t("visits.emptyTitle")} body={t("visits.emptyBody")} action={action} steps={steps} />
    </div>
  );
}
