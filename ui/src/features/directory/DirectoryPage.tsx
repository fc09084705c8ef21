import { Network } from "lucide-react";
import { Button } from "@/components/Button";
import { Page } from "@/components/Page";
import { t } from "@/lib/i18n";
import { DirectorySetup, useDirectory } from "./DirectorySetup";

/** The institution's directory: what is set, whether it is in use, and whether a sign-in by it would work. */
export function DirectoryPage() {
  const directory = useDirectory();
  const { shown, open, setOpen } = directory;
  const settings = shown?.settings ?? null;

  return (
    <Page
      title={t("directory.title")}
      lead={t("directory.lead")}
      actions={
        shown !== undefined &&
        open === null && (
          <Button
            look={settings === null ? "primary" : "secondary"}
            onClick={() => setOpen("form")}
            icon={<Network aria-hidden className="size-4.5" />}
          >
            {settings === null ? t("directory.setUp") : t("directory.change")}
          </Button>
        )
      }
    >
      <DirectorySetup of={directory} />
    </Page>
  );
}
