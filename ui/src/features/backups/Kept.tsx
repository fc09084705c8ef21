import { Archive } from "lucide-react";
import { Moment } from "@/components/Moment";
import type { BackupPlanDto } from "@/ipc/bindings.gen";
import { bytes, date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";

/** The backups in the policy's folder, newest first. */
export function Kept({ plan }: { plan: BackupPlanDto }) {
  if (plan.kept.length === 0) {
    return (
      <div className="flex items-center gap-4 rounded-xl border border-line bg-surface p-5 text-ink-2">
        <Archive aria-hidden className="size-6 shrink-0 text-ink-3" />
        <p>{plan.folder === "" ? t("backups.noFolder") : t("backups.none")}</p>
      </div>
    );
  }
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface">
      <table className="w-full text-left tabular-nums">
        <thead className="bg-sunken text-meta font-medium text-ink-2">
          <tr className="[&>th]:h-10 [&>th]:px-4 [&>th]:font-medium">
            <th scope="col">{t("backups.when")}</th>
            <th scope="col">{t("backups.file")}</th>
            <th scope="col" className="text-right">
              {t("backups.size")}
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.kept.map((kept) => (
            <tr key={kept.file} className="border-t border-line [&>td]:h-12 [&>td]:px-4">
              <td className="whitespace-nowrap">
                <Moment at={new Date(kept.made)} format={(at) => `${date(at)}, ${timeOfDay(at)}`} />
              </td>
              <td className="selectable max-w-80 truncate font-mono text-meta text-ink-2" title={kept.file}>
                {kept.file}
              </td>
              <td className="text-right whitespace-nowrap">{bytes(kept.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
