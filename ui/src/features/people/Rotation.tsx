import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

/** New keys for the stores: what it does, what it cannot undo, and the way to do it. The session ends with it. */
export function Rotation({ asked, onRotated }: { asked: string | null; onRotated: () => Promise<void> }) {
  const ipc = useIpc();
  const [opened, setOpened] = useState(false);
  const rotate = useMutation({
    mutationFn: () => ipc.call("rotate_keys", {}),
    onSuccess: () => onRotated(),
  });
  const open = opened || asked !== null;
  return (
    <section
      aria-label={t("rotation.title")}
      className={`rounded-xl border bg-surface p-5 ${asked === null ? "border-line" : "border-warn"}`}
    >
      <div className="flex flex-wrap items-start gap-4">
        <div className="min-w-72 flex-1">
          <h2 className="text-lead font-semibold">{asked === null ? t("rotation.title") : t("rotation.after", { name: asked })}</h2>
          <p className="mt-1 max-w-3xl text-ink-2">{t("rotation.lead")}</p>
        </div>
        {!open && (
          <Button onClick={() => setOpened(true)} icon={<KeyRound aria-hidden className="size-4.5" />}>
            {t("rotation.open")}
          </Button>
        )}
      </div>
      {open && (
        <div className="appear mt-3 space-y-3">
          <p className="text-ink-2">{t("rotation.cannot")}</p>
          <ul className="list-disc space-y-1 pl-5 text-ink-2">
            <li>{t("rotation.cannotRead")}</li>
            <li>{t("rotation.cannotCopies")}</li>
            <li>{t("rotation.cannotAudio")}</li>
          </ul>
          <p className="text-ink-2">{t("rotation.how")}</p>
          {rotate.isError && <ErrorNotice error={rotate.error} />}
          <Button
            look="primary"
            disabled={rotate.isPending}
            onClick={() => rotate.mutate()}
            icon={<KeyRound aria-hidden className="size-4.5" />}
          >
            {rotate.isPending ? t("rotation.busy") : t("rotation.go")}
          </Button>
        </div>
      )}
    </section>
  );
}
