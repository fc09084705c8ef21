import { Network } from "lucide-react";
import { Button } from "@/components/Button";
import { Threshold } from "@/components/Threshold";
import { DirectorySetup, useDirectory } from "@/features/directory/DirectorySetup";
import { Step } from "@/features/first-start/Step";
import { t } from "@/lib/i18n";
import { StepUpCard } from "./StepUp";

/** The last step of a first start, for whoever wants it: the same settings as on the page of Administration. */
export function FirstDirectory({ onDone }: { onDone: () => void }) {
  const directory = useDirectory();
  const { shown, open, setOpen } = directory;
  const none = shown === undefined || shown.settings === null;
  return (
    <Threshold wide={!none || open === "form"} top={<StepUpCard />}>
      <Step n={5} />
      <h1 className="text-hero font-semibold">{t("firstSteps.directoryTitle")}</h1>
      <p className="mt-1 text-ink-2">{t("firstSteps.directoryLead")}</p>
      <div className="mt-6 space-y-5">
        <DirectorySetup of={directory} />
      </div>
      {open === null && (
        <div className="mt-6 flex flex-wrap gap-3">
          <Button look="primary" className="flex-1" onClick={onDone}>
            {t("firstSteps.begin")}
          </Button>
          {shown !== undefined && (
            <Button className="flex-1" onClick={() => setOpen("form")} icon={<Network aria-hidden className="size-4.5" />}>
              {none ? t("directory.setUp") : t("directory.change")}
            </Button>
          )}
        </div>
      )}
    </Threshold>
  );
}
