import { CircleCheck, CircleDashed } from "lucide-react";
import { t } from "@/lib/i18n";
import { PASSWORD_MIN, type Rule } from "./passwordRules";

/** The password's rules, each met or not yet. */
export function RuleList({ rules }: { rules: Rule[] }) {
  return (
    <div className="rounded-xl bg-sunken px-4 py-3 text-meta">
      <ul className="space-y-1" aria-live="polite">
        {rules.map((rule) => (
          <li key={rule.id} className={`flex items-center gap-2 ${rule.met ? "text-good" : "text-ink-2"}`}>
            {rule.met ? (
              <CircleCheck aria-hidden className="size-4 shrink-0" />
            ) : (
              <CircleDashed aria-hidden className="size-4 shrink-0" />
            )}
            {words(rule)}
            <span className="sr-only">: {rule.met ? t("create.met") : t("create.open")}</span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-ink-3">{t("create.ruleHint")}</p>
    </div>
  );
}

function words(rule: Rule): string {
  switch (rule.id) {
    case "length":
      return rule.met || rule.have === 0
        ? t("create.ruleLength", { count: PASSWORD_MIN })
        : t("create.ruleLengthSoFar", { min: PASSWORD_MIN, have: rule.have });
    case "name":
      return t("create.ruleName");
    case "same":
      return t("create.ruleSame");
  }
}
