import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";
import { t } from "@/lib/i18n";

/** Who may use a dataset beside its owner and the administrators; others can be given it, and it can be taken away. */
export function Share({ dataset }: { dataset: string }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const key = ["datasets", dataset, "shared"];
  const names = useQuery({ queryKey: key, queryFn: () => ipc.call("share_dataset", { id: dataset }), retry: false });
  const change = useMutation({
    mutationFn: (asked: { user: string; give: boolean }) => ipc.call("share_dataset", { id: dataset, ...asked }),
    onSuccess: (now) => {
      client.setQueryData(key, now);
      setName("");
    },
  });
  const unknown = change.error instanceof IpcError && change.error.code === "usage";
  return (
    <div className="space-y-3 border-t border-line pt-3">
      {names.isError && <ErrorNotice error={names.error} />}
      {names.data?.length === 0 && <p className="text-ink-3">{t("batches.sharedWithNobody")}</p>}
      {names.data !== undefined && names.data.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {names.data.map((user) => (
            <li key={user} className="flex items-center rounded-full border border-line bg-sunken pl-4 font-medium">
              {user}
              <Button
                look="quiet"
                aria-label={t("batches.unshare", { name: user })}
                onClick={() => change.mutate({ user, give: false })}
                icon={<X aria-hidden className="size-4" />}
              />
            </li>
          ))}
        </ul>
      )}
      <form
        className="flex items-start gap-3 [&>button]:mt-6.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") change.mutate({ user: name.trim(), give: true });
        }}
      >
        <Field
          label={t("batches.shareWith")}
          value={name}
          fault={unknown ? t("batches.noSuchPerson") : undefined}
          onChange={(e) => {
            setName(e.target.value);
            change.reset();
          }}
          className="w-96"
        />
        <Button type="submit" disabled={name.trim() === "" || change.isPending}>
          {t("batches.share")}
        </Button>
      </form>
      {change.isError && !unknown && <ErrorNotice error={change.error} />}
    </div>
  );
}
