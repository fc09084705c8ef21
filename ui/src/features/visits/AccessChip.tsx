import { ShieldUser, Siren, UsersRound } from "lucide-react";
import { Chip } from "@/components/Chip";
import type { EncounterRow } from "@/ipc/bindings.gen";
import { timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";

/** Whose visit it is, where it is somebody else's. */
export function AccessChip({ visit }: { visit: EncounterRow }) {
  switch (visit.access) {
    case "shared":
      return <Chip tone="outline" icon={<UsersRound aria-hidden />}>{t("share.by", { name: visit.owner })}</Chip>;
    case "emergency":
      return (
        <Chip tone="danger" icon={<Siren aria-hidden />}>
          {t("share.until", { time: visit.until === null ? "" : timeOfDay(new Date(visit.until)) })}
        </Chip>
      );
    case "administrator":
      return <Chip icon={<ShieldUser aria-hidden />}>{t("share.of", { name: visit.owner })}</Chip>;
    default:
      return null;
  }
}
