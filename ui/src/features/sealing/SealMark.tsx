import { LockKeyhole, LockKeyholeOpen, ShieldCheck, ShieldQuestion, ShieldX } from "lucide-react";
import { Popover } from "radix-ui";
import { Chip } from "@/components/Chip";
import { Moment } from "@/components/Moment";
import type { ProcessProof } from "@/ipc/bindings.gen";
import { timeOfDaySeconds } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { type Seal, sealOf } from "./seal";

const LOOK: Record<Seal, { tone: string; icon: React.ReactNode; big: React.ReactNode; words: () => string[] }> = {
  sealed: {
    tone: "text-good",
    icon: <LockKeyhole aria-hidden className="size-4.5" />,
    big: <ShieldCheck aria-hidden className="size-6 shrink-0 text-good" />,
    words: () => [t("seal.sealed"), t("seal.titleSealed"), t("seal.bodySealed")],
  },
  open: {
    tone: "text-danger",
    icon: <LockKeyholeOpen aria-hidden className="size-4.5" />,
    big: <ShieldX aria-hidden className="size-6 shrink-0 text-danger" />,
    words: () => [t("seal.open"), t("seal.titleOpen"), t("seal.bodyOpen")],
  },
  tests: {
    tone: "text-warn",
    icon: <LockKeyhole aria-hidden className="size-4.5" />,
    big: <ShieldQuestion aria-hidden className="size-6 shrink-0 text-warn" />,
    words: () => [t("seal.tests"), t("seal.titleTests"), t("seal.bodyTests")],
  },
  unproven: {
    tone: "text-warn",
    icon: <LockKeyholeOpen aria-hidden className="size-4.5" />,
    big: <ShieldQuestion aria-hidden className="size-6 shrink-0 text-warn" />,
    words: () => [t("seal.unproven"), t("seal.titleUnproven"), t("seal.bodyUnproven")],
  },
};

const TONE: Record<string, "good" | "warn"> = { enforced: "good", for_tests: "warn" };

/** The mark of sealing-off; opens the proof, process by process, as the kernel gave it. */
export function SealMark({ proofs, checkedAt }: { proofs: ProcessProof[]; checkedAt: number }) {
  const look = LOOK[sealOf(proofs)];
  const [mark, title, body] = look.words();
  return (
    <Popover.Root>
      <Popover.Trigger
        data-seal
        className={`flex min-h-11 items-center gap-1.5 rounded-lg px-2.5 text-meta font-medium hover:bg-sunken data-[state=open]:bg-sunken ${look.tone}`}
      >
        {look.icon}
        <span className="max-xl:sr-only">{mark}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={12}
          aria-label={title ?? ""}
          className="appear z-30 max-h-(--radix-popover-content-available-height) w-104 overflow-y-auto rounded-xl border border-line bg-surface p-5 shadow-lift"
        >
          <div className="flex gap-3">
            {look.big}
            <div>
              <p className="text-body font-semibold">{title}</p>
              <p className="mt-0.5 text-ink-2">{body}</p>
            </div>
          </div>
          {proofs.length > 0 && (
            <ul className="mt-4 divide-y divide-line border-y border-line">
              {proofs.map((proof) => (
                <li key={`${proof.process} ${proof.facts[0] ?? ""}`} className="py-3">
                  <p className="flex items-center justify-between font-medium">
                    {tIfAny(`seal.processes.${proof.process}`) ?? proof.process}
                    <Chip tone={TONE[proof.state] ?? "danger"}>
                      {tIfAny(`seal.${proof.state}`) ?? proof.state}
                    </Chip>
                  </p>
                  <ul className="selectable mt-1 text-meta text-ink-2">
                    {proof.facts.length === 0 ? (
                      <li>{t("seal.noFacts")}</li>
                    ) : (
                      proof.facts.map((fact) => <li key={fact}>{fact}</li>)
                    )}
                  </ul>
                </li>
              ))}
            </ul>
          )}
          <p className="mt-3 text-meta text-ink-3 tabular-nums">
            {t("seal.checked")}{" "}
            <Moment at={new Date(checkedAt)} format={timeOfDaySeconds} />
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
