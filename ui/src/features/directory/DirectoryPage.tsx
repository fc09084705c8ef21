import { Network } from "lucide-react";
import { Button } from "@/components/Button";
import { t } from "@/lib/i18n";
import { DirectorySetup, useDirectory } from "./DirectorySetup";

/** The institution's directory: what is set, whether it is in use, and whether a sign-in by it would work. */
export function DirectoryPage() {
  const directory = useDirectory();
  const { shown, open, setOpen } = directory;
  const settings = shown?.settings ?? null;

  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-4xl space-y-5 px-8 py-8">
        <div className="flex min-h-11 flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1">
            <h1 className="text-hero font-semibold">{t("directory.title")}</h1>
            <p className="mt-1 max-w-2xl text-ink-2">{t("directory.lead")}</p>
          </div>
          {shown !== undefined && open === null && (
            <Button
              look={settings === null ? "primary" : "secondary"}
              onClick={() => setOpen("form")}
              icon={<Network aria-hidden className="size-4.5" />}
            >
              {settings === null ? t("directory.setUp") : t("directory.change")}
            </Button>
          )}
        </div>
        <DirectorySetup of={directory} />
      </div>
    </div>
  );
}
