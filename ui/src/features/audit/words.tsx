import { Ban, Check, CircleDashed, X } from "lucide-react";
import type { ReactNode } from "react";
import { Chip, type ChipTone } from "@/components/Chip";
import { label } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

const OUTCOME: Record<string, { tone: ChipTone; icon: ReactNode }> = {
  success: { tone: "plain", icon: <Check aria-hidden /> },
  denied: { tone: "warn", icon: <Ban aria-hidden /> },
  failure: { tone: "danger", icon: <X aria-hidden /> },
};

export function OutcomeChip({ outcome }: { outcome: string }) {
  const look = OUTCOME[outcome] ?? { tone: "plain" as const, icon: <CircleDashed aria-hidden /> };
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {tIfAny(`log.outcomes.${outcome}`) ?? label(outcome)}
    </Chip>
  );
}

/** Whose ids are known by name: one's own, and, for those who review the log, everybody's. */
export type Names = { me: { id: string; name: string }; people: ReadonlyMap<string, string> };

/** Who did it: one's own name, another's (or their id), the program itself, a name that no account has, or nobody. */
export function who(userId: string | null, { me, people }: Names): string {
  if (userId === null) return t("log.nobody");
  if (userId === "system") return t("log.system");
  if (userId.startsWith("unknown:")) return t("log.unknownName");
  return userId === me.id ? t("log.you", { name: me.name }) : (people.get(userId) ?? userId);
}

/** An alert in words: what happened, with its number. */
export function alertWords(kind: string, n: number | null): { title: string; body: string } {
  const title = tIfAny(`log.alertTitles.${kind}`) ?? label(kind);
  return { title, body: tIfAny(`log.alertBodies.${kind}`, { n: n ?? 0 }) ?? "" };
}
