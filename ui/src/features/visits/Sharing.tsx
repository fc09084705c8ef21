import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UsersRound, X } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import type { EncounterRow } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date } from "@/lib/format";
import { t } from "@/lib/i18n";

/** Who may open a visit beside its owner and the administrators. Shown to whom it belongs, and to administrators. */
export function Sharing({ visit, onClose }: { visit: EncounterRow; onClose: () => void }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const pick = useId();
  const [chosen, setChosen] = useState("");
  const key = ["encounters", visit.id, "shares"];
  const shares = useQuery({ queryKey: key, queryFn: () => ipc.call("list_encounter_shares", { id: visit.id }) });
  const colleagues = useQuery({ queryKey: ["colleagues"], queryFn: () => ipc.call("list_colleagues", {}) });
  const change = useMutation({
    mutationFn: (asked: { user: string; give: boolean }) => ipc.call("share_encounter", { id: visit.id, ...asked }),
    onSuccess: (now) => {
      client.setQueryData(key, now);
      setChosen("");
    },
  });
  const has = shares.data ?? [];
  const others = (colleagues.data ?? []).filter((c) => c.name !== visit.owner && !has.some((s) => s.id === c.id));
  const failed = shares.error ?? colleagues.error ?? change.error;
  return (
    <section aria-label={t("share.title")} className="appear shrink-0 space-y-3 border-b border-line bg-surface px-6 py-4">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 className="text-body font-semibold">{t("share.title")}</h2>
          <p className="text-ink-2">{t("share.lead")}</p>
        </div>
        <Button look="quiet" onClick={onClose} icon={<X aria-hidden className="size-4.5" />}>
          {t("share.close")}
        </Button>
      </div>
      {failed !== null && <ErrorNotice error={failed} />}
      {has.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {has.map((share) => (
            <li key={share.id} className="flex items-center rounded-full border border-line bg-sunken pl-4">
              <span className="font-medium">{share.name}</span>
              <span className="ml-2 text-meta text-ink-3">
                {share.active ? share.since !== null && t("share.since", { date: date(new Date(share.since)) }) : t("share.inactive")}
              </span>
              <Button
                look="quiet"
                aria-label={t("share.takeBack", { name: share.name })}
                disabled={change.isPending}
                onClick={() => change.mutate({ user: share.id, give: false })}
                icon={<X aria-hidden className="size-4" />}
              />
            </li>
          ))}
        </ul>
      )}
      {colleagues.data !== undefined && others.length === 0 && has.length === 0 && (
        <p className="text-meta text-ink-3">{t("share.noColleagues")}</p>
      )}
      {others.length > 0 && (
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen !== "") change.mutate({ user: chosen, give: true });
          }}
        >
          <div>
            <label htmlFor={pick} className="mb-1.5 block font-medium">
              {t("share.with")}
            </label>
            <select
              id={pick}
              value={chosen}
              onChange={(event) => setChosen(event.target.value)}
              className="h-11 w-72 rounded-lg border border-edge bg-surface px-3 text-body text-ink"
            >
              <option value="" disabled>
                {t("share.choose")}
              </option>
              {others.map((colleague) => (
                <option key={colleague.id} value={colleague.id}>
                  {colleague.name}
                </option>
              ))}
            </select>
          </div>
          <Button type="submit" look="primary" disabled={chosen === "" || change.isPending} icon={<UsersRound aria-hidden className="size-4.5" />}>
            {t("share.give")}
          </Button>
          {has.length === 0 && <p className="min-w-48 flex-1 self-end pb-3 pl-2 text-meta text-ink-3">{t("share.nobody")}</p>}
        </form>
      )}
    </section>
  );
}
