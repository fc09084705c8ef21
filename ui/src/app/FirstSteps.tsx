import { useState } from "react";
import { Button } from "@/components/Button";
import { Threshold } from "@/components/Threshold";
import { SecondFactor } from "@/features/account/SecondFactor";
import { Models } from "@/features/first-start/Models";
import { Step } from "@/features/first-start/Step";
import { Microphone } from "@/features/recording/Microphone";
import { t } from "@/lib/i18n";
import { FirstDirectory } from "./FirstDirectory";
import { StepUp } from "./StepUp";

/** After the paper: a second factor for whoever wants one, whether the workstation has what it needs, the directory. */
export function FirstSteps({ user, onDone }: { user: string; onDone: () => void }) {
  const [step, setStep] = useState<3 | 4 | 5>(3);
  const [device, setDevice] = useState<string | null>(null);
  if (step === 5) {
    return (
      <StepUp>
        <FirstDirectory onDone={onDone} />
      </StepUp>
    );
  }
  return (
    <Threshold>
      <Step n={step} />
      {step === 3 ? (
        <>
          <h1 className="text-hero font-semibold">{t("firstSteps.factorTitle")}</h1>
          <p className="mt-1 mb-6 text-ink-2">{t("account.factorLead")}</p>
          <SecondFactor user={user} done={t("account.codesDone")} onDone={() => setStep(4)} wide />
          <Button look="quiet" className="mt-3 w-full" onClick={() => setStep(4)}>
            {t("firstSteps.later")}
          </Button>
        </>
      ) : (
        <>
          <h1 className="text-hero font-semibold">{t("firstSteps.checkTitle")}</h1>
          <p className="mt-1 text-ink-2">{t("firstSteps.checkLead")}</p>
          <section aria-label={t("firstSteps.models")} className="mt-6 space-y-3">
            <h2 className="font-semibold">{t("firstSteps.models")}</h2>
            <Models />
          </section>
          <section aria-label={t("recording.microphone")} className="mt-6 space-y-3">
            <Microphone chosen={device} onChoose={setDevice} listen />
            <p className="text-meta text-ink-3">{t("firstSteps.speak")}</p>
          </section>
          <Button look="primary" className="mt-8 w-full" onClick={() => setStep(5)}>
            {t("firstSteps.next")}
          </Button>
        </>
      )}
    </Threshold>
  );
}
