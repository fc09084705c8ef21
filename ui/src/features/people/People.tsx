import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserRoundPlus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import type { AccountDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { CodeCard, type GivenCode } from "./CodeCard";
import { PasswordCard } from "./PasswordCard";
import { PeopleTable } from "./PeopleTable";
import { Requests } from "./Requests";
import { Rotation } from "./Rotation";

/** What is done to an account from the table. */
export type Act =
  | { kind: "role"; account: AccountDto; role: string }
  | { kind: "disable"; account: AccountDto; disabled: boolean }
  | { kind: "unlock"; account: AccountDto }
  | { kind: "code"; account: AccountDto };

/** Accounts: who is there, what they can read, when they were last in, and what to do about it. */
export function People({ me, onKeysRotated }: { me: string; onKeysRotated: () => Promise<void> }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [form, setForm] = useState<"add" | AccountDto | null>(null);
  /** Who was disabled just now: their kept keys are what a rotation is for. */
  const [disabled, setDisabled] = useState<string | null>(null);
  const [code, setCode] = useState<GivenCode | null>(null);
  const people = useQuery({ queryKey: ["people"], queryFn: () => ipc.call("list_users", {}) });
  const refresh = () => client.invalidateQueries({ queryKey: ["people"] });
  const act = useMutation({
    mutationFn: async (what: Act) => {
      const user = what.account.id;
      switch (what.kind) {
        case "role":
          return ipc.call("change_role", { user, role: what.role });
        case "disable":
          return ipc.call("disable_user", { user, disabled: what.disabled });
        case "unlock":
          return ipc.call("unlock_user", { user });
        case "code": {
          const given = await ipc.call("give_enrolment_code", { user, to_directory: what.account.kind === "local" });
          setCode({ name: what.account.name, code: given.code, expires: given.expires });
          return null;
        }
      }
    },
    onSuccess: (_, what) => setDisabled(what.kind === "disable" && what.disabled ? what.account.name : null),
    onSettled: refresh,
  });
  // Whether there is a directory decides which acts there are; without an answer there is none.
  const directory = useQuery({ queryKey: ["directory"], queryFn: () => ipc.call("show_directory", {}) });
  const byDirectory = directory.data !== undefined && directory.data.settings !== null;
  const close = () => {
    setForm(null);
    void refresh();
  };

  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-6xl space-y-5 px-8 py-8 max-xl:px-6 max-xl:py-6 max-md:px-4 max-md:py-5">
        <div className="flex min-h-11 items-center justify-between">
          <div className="flex items-baseline gap-3">
            <h1 className="text-hero font-semibold">{t("people.title")}</h1>
            {people.data !== undefined && <p className="text-ink-3">{t("people.count", { count: people.data.length })}</p>}
          </div>
          <Button
            look="primary"
            onClick={() => setForm("add")}
            disabled={form !== null}
            icon={<UserRoundPlus aria-hidden className="size-4.5" />}
          >
            {t("people.add")}
          </Button>
        </div>
        {people.isError && (
          <ErrorNotice error={people.error} action={<Button onClick={() => void people.refetch()}>{t("app.retry")}</Button>} />
        )}
        {act.isError && <ErrorNotice error={act.error} />}
        {code !== null && <CodeCard given={code} onDone={() => setCode(null)} />}
        {form !== null && (
          <PasswordCard account={form === "add" ? null : form} byDirectory={byDirectory} onCode={setCode} onClose={close} />
        )}
        <Requests onDecided={() => void refresh()} />
        {people.data !== undefined && (
          <PeopleTable
            people={people.data}
            me={me}
            busy={act.isPending}
            byDirectory={byDirectory}
            onAct={act.mutate}
            onReset={setForm}
          />
        )}
        <Rotation asked={disabled} onRotated={onKeysRotated} />
      </div>
    </div>
  );
}
