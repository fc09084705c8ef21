import { useState } from "react";
import { ChangePassword } from "@/features/account/ChangePassword";
import { RemoveSecondFactor } from "@/features/account/RemoveSecondFactor";
import { SecondFactor } from "@/features/account/SecondFactor";
import { t } from "@/lib/i18n";
import { useSession } from "./session";

/** What everybody may do to their own account. */
export function AccountScreen() {
  const { session } = useSession();
  const [turn, setTurn] = useState(0);
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-3xl space-y-6 px-8 py-8 max-md:px-4 max-md:py-5">
        <h1 className="text-hero font-semibold">{t("account.title")}</h1>
        <Card title={t("account.password")} lead={t("account.passwordLead")}>
          <ChangePassword user={session.user_id} />
        </Card>
        <Card title={t("account.factor")} lead={t("account.factorLead")}>
          <SecondFactor key={turn} user={session.user_id} done={t("account.codesDone")} onDone={() => setTurn(turn + 1)} />
          <details className="mt-5 border-t border-line pt-4">
            <summary className="flex min-h-11 cursor-pointer items-center font-medium text-ink-2">{t("account.remove")}</summary>
            <div className="mt-3">
              <RemoveSecondFactor user={session.user_id} />
            </div>
          </details>
        </Card>
      </div>
    </div>
  );
}

function Card({ title, lead, children }: { title: string; lead: string; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-surface p-6 max-sm:p-4">
      <h2 className="text-title font-semibold">{title}</h2>
      <p className="mt-1 mb-5 text-ink-2">{lead}</p>
      {children}
    </section>
  );
}
