import { Button } from "@/components/Button";
import { Threshold } from "@/components/Threshold";
import { SecondFactor } from "@/features/account/SecondFactor";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

/** Where the policy asks for a second factor and there is none: setting one up is all that can be done. */
export function EnrolFirst({ user, onSignedOut }: { user: string; onSignedOut: () => Promise<void> }) {
  const ipc = useIpc();
  const leave = async () => {
    await ipc.call("sign_out", {}).catch(() => undefined);
    await onSignedOut();
  };
  return (
    <Threshold>
      <h1 className="text-hero font-semibold">{t("account.mustTitle")}</h1>
      <p className="mt-1 mb-6 text-ink-2">{t("account.mustLead")}</p>
      <SecondFactor user={user} done={t("account.mustDone")} onDone={() => void leave()} wide />
      <Button look="quiet" className="mt-3 w-full" onClick={() => void leave()}>
        {t("account.signOut")}
      </Button>
    </Threshold>
  );
}
