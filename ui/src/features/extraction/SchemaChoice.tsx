import { Check, Play } from "lucide-react";
import { RadioGroup } from "radix-ui";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import type { SchemaDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";
import { reference, summary } from "./schemas";

type Props = { schemas: SchemaDto[]; disabled: boolean; why: string | undefined; onRun: (schema: string) => void };

/** Which schema to look with, and the button that looks. */
export function SchemaChoice({ schemas, disabled, why, onRun }: Props) {
  const [chosen, setChosen] = useState(() => (schemas[0] === undefined ? "" : reference(schemas[0])));
  if (schemas.length === 0) {
    return (
      <Notice tone="info" title={t("findings.noSchemaTitle")}>
        <p>{t("findings.noSchemaBody")}</p>
        <p className="selectable mt-2 font-mono text-meta">{t("findings.noSchemaCommand")}</p>
      </Notice>
    );
  }
  return (
    <div>
      <p id="schema-choice" className="text-body font-semibold">
        {t("findings.chooseTitle")}
      </p>
      <p className="mt-0.5 text-ink-2">{t("findings.chooseBody")}</p>
      <RadioGroup.Root
        aria-labelledby="schema-choice"
        value={chosen}
        onValueChange={setChosen}
        className="scroll-quiet mt-4 max-h-72 space-y-2 p-0.5"
      >
        {schemas.map((schema) => {
          const { title, description, fields } = summary(schema);
          return (
            <RadioGroup.Item
              key={schema.id}
              value={reference(schema)}
              className="group flex min-h-11 w-full gap-3 rounded-lg border border-line bg-surface p-3 text-left tint hover:bg-sunken data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
            >
              <span
                aria-hidden
                className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-edge text-on-accent group-data-[state=checked]:border-accent group-data-[state=checked]:bg-accent"
              >
                <RadioGroup.Indicator>
                  <Check className="size-3.5" strokeWidth={3} />
                </RadioGroup.Indicator>
              </span>
              <span className="min-w-0">
                <span className="block font-medium">{title}</span>
                {description !== undefined && <span className="block text-ink-2">{description}</span>}
                <span className="mt-0.5 block text-meta text-ink-3">
                  {reference(schema)} · {t("findings.schemaFields", { count: fields })}
                </span>
              </span>
            </RadioGroup.Item>
          );
        })}
      </RadioGroup.Root>
      <Button
        look="primary"
        className="mt-4 w-full"
        disabled={disabled}
        title={why}
        onClick={() => onRun(chosen)}
        icon={<Play aria-hidden className="size-4" />}
      >
        {t("findings.go")}
      </Button>
    </div>
  );
}
