import { Printer } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Threshold } from "@/components/Threshold";
import type { VaultCreatedDto } from "@/ipc/bindings.gen";
import { withZone } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Step } from "./Step";

/** The recovery key and the log's first fingerprint, once; done when the key's last group is typed from paper. */
export function Paper({ created, onDone }: { created: VaultCreatedDto; onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const [since] = useState(() => new Date());
  const last = lastGroup(created.recovery_key);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim().toUpperCase() === last.toUpperCase()) onDone();
    else setWrong(true);
  };

  return (
    <Threshold>
      <Step n={2} />
      <h1 className="text-hero font-semibold">{t("paper.title")}</h1>
      <p className="mt-1 text-ink-2 print:hidden">{t("paper.lead")}</p>
      <p className="hidden print:block">{t("paper.printedFrom", { date: withZone(since) })}</p>
      <dl className="mt-6 space-y-3">
        <Secret term={t("paper.key")} value={created.recovery_key} why={t("paper.keyWhy")} id="recovery-key" />
        <Secret
          term={t("paper.fingerprint")}
          value={created.log_fingerprint}
          why={t("paper.fingerprintWhy")}
          id="log-fingerprint"
        />
      </dl>
      <form onSubmit={submit} className="mt-6 space-y-4 print:hidden">
        <Field
          label={t("paper.confirm")}
          hint={t("paper.confirmHint", { count: last.length })}
          fault={wrong ? t("paper.confirmFault") : undefined}
          name="confirm"
          value={typed}
          onChange={(e) => {
            setTyped(e.target.value);
            setWrong(false);
          }}
          autoComplete="off"
          spellCheck={false}
        />
        <div className="flex gap-3">
          <Button onClick={() => window.print()} icon={<Printer aria-hidden className="size-4.5" />}>
            {t("paper.print")}
          </Button>
          <Button look="primary" type="submit" className="flex-1" disabled={typed.trim() === ""}>
            {t("paper.go")}
          </Button>
        </div>
      </form>
    </Threshold>
  );
}

function Secret({ term, value, why, id }: { term: string; value: string; why: string; id: string }) {
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <dt className="text-meta font-medium text-ink-3">{term}</dt>
      <dd>
        <p id={id} className="selectable mt-1.5 font-mono text-lead font-medium tracking-normal break-words text-balance text-ink">
          {value}
        </p>
        <p className="mt-1.5 text-meta text-ink-2">{why}</p>
      </dd>
    </div>
  );
}

/** The key is written in groups; whatever divides them. */
function lastGroup(key: string): string {
  const groups = key.split(/[^0-9A-Za-z]+/).filter((group) => group !== "");
  return groups[groups.length - 1] ?? key;
}
