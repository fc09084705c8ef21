import { useMutation } from "@tanstack/react-query";
import { ArchiveRestore, KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { PasswordField } from "@/components/PasswordField";
import { Threshold } from "@/components/Threshold";
import type { VaultCreatedDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { passwordRules } from "./passwordRules";
import { RuleList } from "./RuleList";
import { Step } from "./Step";

/** First start: the vault and its first administrator. */
export function CreateVault({ onCreated, onRestore }: { onCreated: (created: VaultCreatedDto) => void; onRestore: () => void }) {
  const ipc = useIpc();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [repeat, setRepeat] = useState("");
  const create = useMutation({
    mutationFn: () => ipc.call("create_vault", { name: name.trim(), password }),
    onSuccess: onCreated,
  });
  const rules = passwordRules(name, password, repeat);
  const ready = name.trim() !== "" && rules.every((rule) => rule.met);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) create.mutate();
  };

  return (
    <Threshold>
      <Step n={1} />
      <h1 className="text-hero font-semibold">{t("create.title")}</h1>
      <p className="mt-1 text-ink-2">{t("create.lead")}</p>
      <form onSubmit={submit} className="mt-5 space-y-3.5 [@media(max-height:700px)]:mt-3 [@media(max-height:700px)]:space-y-2.5">
        {create.isError && <ErrorNotice error={create.error} />}
        <Field
          label={t("create.name")}
          name="name"
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          autoFocus
          required
        />
        <PasswordField
          label={t("create.password")}
          name="password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
        <PasswordField
          label={t("create.repeat")}
          name="repeat"
          value={repeat}
          onChange={(e) => setRepeat(e.target.value)}
        />
        <RuleList rules={rules} />
        <Button
          look="primary"
          type="submit"
          className="w-full"
          disabled={!ready || create.isPending}
          icon={<KeyRound aria-hidden className="size-4.5" />}
        >
          {create.isPending ? t("create.busy") : t("create.go")}
        </Button>
      </form>
      <Button look="quiet" className="mt-3 w-full [@media(max-height:700px)]:mt-1" onClick={onRestore} icon={<ArchiveRestore aria-hidden className="size-4.5" />}>
        {t("restore.offer")}
      </Button>
    </Threshold>
  );
}
