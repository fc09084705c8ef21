import { useMutation } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { QrCode } from "./QrCode";

type Props = { user: string; done: string; onDone: () => void; /** Whether its buttons take the whole width. */ wide?: boolean };

/** Offers a secret, asks for the device's code, and shows the recovery codes once. */
export function SecondFactor({ user, done, onDone, wide = false }: Props) {
  const ipc = useIpc();
  const width = wide ? "w-full" : "";
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const offer = useMutation({ mutationFn: () => ipc.call("new_second_factor", { user }) });
  const enrol = useMutation({
    mutationFn: (secret: string) => ipc.call("enrol_second_factor", { user, password, secret, code: code.trim() }),
    onSuccess: () => {
      offer.reset();
      setPassword("");
    },
    onSettled: () => setCode(""),
  });

  if (enrol.data !== undefined) {
    return (
      <div className="space-y-4">
        <Notice tone="good" title={t("account.codesTitle")}>
          {t("account.codesLead")}
        </Notice>
        <ul className="selectable grid grid-cols-2 gap-x-6 gap-y-1.5 rounded-xl bg-sunken p-4 font-mono text-meta">
          {enrol.data.codes.map((recovery) => (
            <li key={recovery}>{recovery}</li>
          ))}
        </ul>
        <p className="text-ink-2">{t("account.enrolled")}</p>
        <Button look="primary" className={width} onClick={onDone}>
          {done}
        </Button>
      </div>
    );
  }
  if (offer.data === undefined) {
    return (
      <div className="space-y-4">
        {offer.isError && <ErrorNotice error={offer.error} />}
        <Button
          look="primary"
          className={width}
          disabled={offer.isPending}
          onClick={() => offer.mutate()}
          icon={<ShieldCheck aria-hidden className="size-4.5" />}
        >
          {t("account.start")}
        </Button>
      </div>
    );
  }
  const { secret, qr } = offer.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "" && code.trim() !== "") enrol.mutate(secret);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap gap-6">
      <div className="w-52">
        <p className="mb-2 font-medium">{t("account.scan")}</p>
        <QrCode rows={qr} label={t("account.scan")} />
        <p className="mt-3 text-meta text-ink-3">{t("account.type")}</p>
        <p data-secret className="selectable font-mono text-meta font-medium">{secret.match(/.{1,4}/g)?.join(" ")}</p>
      </div>
      <div className="min-w-64 flex-1 space-y-4">
        {enrol.isError && <ErrorNotice error={enrol.error} />}
        <Field
          label={t("account.codeLabel")}
          name="code"
          inputMode="numeric"
          value={code}
          onChange={(e) => setCode(e.target.value)}
          autoComplete="off"
          required
        />
        <PasswordField
          label={t("account.current")}
          name="password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
        <Button look="primary" type="submit" className={width} disabled={enrol.isPending || password === "" || code.trim() === ""}>
          {t("account.confirm")}
        </Button>
      </div>
    </form>
  );
}
