import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, OctagonAlert, PlugZap, TriangleAlert } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { Chip } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { roleName } from "@/features/people/roles";
import type { DirectoryStepDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { date } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

/** Each step of a sign-in by itself. */
export function TestCard() {
  const ipc = useIpc();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const test = useMutation({
    mutationFn: () => {
      const who = name.trim() === "" ? {} : { name: name.trim(), ...(password === "" ? {} : { password }) };
      return ipc.call("test_directory", who);
    },
    onSettled: () => setPassword(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <section aria-labelledby="directory-test" className="space-y-4 rounded-xl border border-line bg-surface p-6">
      <div>
        <h2 id="directory-test" className="text-title font-semibold">
          {t("directory.test.title")}
        </h2>
        <p className="mt-1 text-ink-2">{t("directory.test.lead")}</p>
      </div>
      <form onSubmit={submit} className="grid grid-cols-[1fr_1fr_auto] items-start gap-4 max-md:grid-cols-1">
        <Field
          label={t("directory.test.name")}
          hint={t("directory.test.nameHint")}
          name="test-name"
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <PasswordField
          label={t("directory.test.password")}
          hint={t("directory.test.passwordHint")}
          name="test-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          required={false}
          disabled={name.trim() === ""}
        />
        <Button
          look="primary"
          type="submit"
          className="md:mt-6.5"
          disabled={test.isPending}
          icon={<PlugZap aria-hidden className="size-4.5" />}
        >
          {test.isPending ? t("directory.test.busy") : t("directory.test.go")}
        </Button>
      </form>
      {test.isError && <ErrorNotice error={test.error} />}
      {test.data !== undefined && <Result steps={test.data} />}
    </section>
  );
}

function Result({ steps }: { steps: DirectoryStepDto[] }) {
  const failed = steps.find((step) => step.state === "failed");
  return (
    <div className="space-y-3">
      <Notice
        tone={failed === undefined ? "good" : "danger"}
        title={failed === undefined ? t("directory.test.good") : t("directory.test.bad", { step: stepName(failed) })}
        urgent
      />
      <ol aria-label={t("directory.test.list")} className="divide-y divide-line border-y border-line">
        {steps.map((step, n) => (
          <li key={`${step.step} ${n}`} className="flex gap-4 py-3">
            <div className="min-w-0 flex-1">
              <p className="font-medium">
                {stepName(step)}
                {step.facts["server"] !== undefined && (
                  <span className="ml-2 font-mono text-meta font-normal text-ink-3">{step.facts["server"]}</span>
                )}
              </p>
              <p className="selectable text-ink-2 empty:hidden">{said(step)}</p>
            </div>
            <State state={step.state} />
          </li>
        ))}
      </ol>
    </div>
  );
}

const stepName = (step: DirectoryStepDto): string =>
  tIfAny(`directory.test.${step.step === "password" ? "password_step" : step.step}`) ?? step.step;

/** Why it failed, or what was found. */
function said(step: DirectoryStepDto): string {
  const { facts } = step;
  const parts: string[] = [];
  if (step.fault !== null) parts.push(tIfAny(`directory.faults.${step.fault}`) ?? step.words ?? step.fault);
  if (facts["days"] !== undefined && facts["ends"] !== undefined)
    parts.push(t("directory.test.ends", { days: facts["days"], date: date(new Date(facts["ends"])) }));
  if (facts["roles"] !== undefined) parts.push(facts["roles"].split(", ").map(roleName).join(", "));
  for (const key of ["account", "dn"]) if (facts[key] !== undefined) parts.push(facts[key]);
  if (facts["missing"] !== undefined) parts.push(t("directory.test.missing", { missing: facts["missing"] }));
  return parts.join(" · ");
}

function State({ state }: { state: string }) {
  switch (state) {
    case "done":
      return <Chip tone="good" icon={<CircleCheck aria-hidden />}>{t("directory.test.done")}</Chip>;
    case "warned":
      return <Chip tone="warn" icon={<TriangleAlert aria-hidden />}>{t("directory.test.warned")}</Chip>;
    case "failed":
      return <Chip tone="danger" icon={<OctagonAlert aria-hidden />}>{t("directory.test.failed")}</Chip>;
    default:
      return <Chip tone="outline" icon={<CircleDashed aria-hidden />}>{t("directory.test.not_tried")}</Chip>;
  }
}
