import { FileInput } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { t } from "@/lib/i18n";

type Props = { busy: boolean; onGo: (name: string, licence: string) => void; onClose: () => void };

/** A model that this version of Cloister does not know: an administrator says what it is. */
export function Stranger({ busy, onGo, onClose }: Props) {
  const [name, setName] = useState("");
  const [licence, setLicence] = useState("");
  const ready = name.trim() !== "" && licence.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onGo(name.trim(), licence.trim());
  };
  return (
    <section aria-labelledby="stranger" className="appear space-y-4 rounded-xl border border-line bg-surface p-5">
      <h2 id="stranger" className="text-lead font-semibold">
        {t("models.stranger")}
      </h2>
      <Notice tone="warn" title={t("models.strangerTitle")}>
        {t("models.strangerBody")}
      </Notice>
      <form onSubmit={submit} className="flex flex-wrap items-start gap-4">
        <Field className="min-w-56 flex-1" label={t("models.name")} value={name} onChange={(e) => setName(e.target.value)} maxLength={64} required />
        <Field
          className="min-w-56 flex-1"
          label={t("models.licence")}
          hint={t("models.licenceHint")}
          value={licence}
          onChange={(e) => setLicence(e.target.value)}
          maxLength={64}
          required
        />
        <div className="flex w-full flex-wrap gap-2">
          <Button look="primary" type="submit" disabled={!ready || busy} icon={<FileInput aria-hidden className="size-4.5" />}>
            {t("models.file")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("models.notNow")}
          </Button>
        </div>
      </form>
    </section>
  );
}
