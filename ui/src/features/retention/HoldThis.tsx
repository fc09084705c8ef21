import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

/** Sets a legal hold on a visit or dataset, once somebody said why. */
export function HoldThis({ id, name }: { id: string; name: string }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const hold = useMutation({
    mutationFn: () => ipc.call("hold_record", { id, reason: reason.trim() }),
    onSettled: () => client.invalidateQueries(),
  });
  if (!open)
    return (
      <Button look="quiet" aria-label={t("holds.holdWhat", { what: name })} onClick={() => setOpen(true)} icon={<Scale aria-hidden className="size-4.5" />}>
        {t("holds.hold")}
      </Button>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    hold.mutate();
  };
  return (
    <form onSubmit={submit} className="min-w-64 flex-1 space-y-3 py-2">
      <Field
        label={t("holds.why", { what: name })}
        hint={t("holds.whyHint")}
        value={reason}
        onChange={(e) => setReason(e.target.value)}
        autoComplete="off"
        autoFocus
        required
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={reason.trim() === "" || hold.isPending}>
          {t("holds.hold")}
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t("holds.notNow")}
        </Button>
      </div>
      {hold.isError && <ErrorNotice error={hold.error} />}
    </form>
  );
}
