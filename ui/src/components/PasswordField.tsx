import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { t } from "@/lib/i18n";
import { Field } from "./Field";

/** A password, hidden until asked; nothing keeps it for the next time. */
export function PasswordField(props: Omit<ComponentProps<typeof Field>, "type" | "after">) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      autoComplete="off"
      required
      {...props}
      type={shown ? "text" : "password"}
      spellCheck={false}
      autoCapitalize="off"
      after={
        <button
          type="button"
          aria-label={shown ? t("password.hide") : t("password.show")}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="grid size-11 place-items-center rounded-lg text-ink-3 hover:text-ink"
        >
          {shown ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
        </button>
      }
    />
  );
}
