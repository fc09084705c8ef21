import { CircleCheck, CircleDashed, Signature } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { PasswordField } from "@/components/PasswordField";
import type { NoteDraftDto } from "@/ipc/bindings.gen";
import { t } from "@/lib/i18n";

type Props = { draft: NoteDraftDto; busy: boolean; onDecideNext: () => void; onSign: (password: string) => void };

/** What is still missing before the signature; then the signature, with the password again. */
export function SignCard({ draft, busy, onDecideNext, onSign }: Props) {
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const empty = draft.sections.every((section) => section.sentences.length === 0);
  const missing =
    draft.undecided > 0
      ? t("note.undecided", { count: draft.undecided })
      : draft.stale > 0
        ? t("note.staleCount", { count: draft.stale })
        : empty
          ? t("note.empty")
          : null;

  if (asking && missing === null) {
    return (
      <form
        className="border-t border-line bg-surface px-5 py-4"
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") setAsking(false);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          onSign(password);
          setPassword("");
          setAsking(false);
        }}
      >
        <PasswordField
          label={t("note.password")}
          hint={t("note.passwordHint")}
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <div className="mt-3 flex gap-2">
          <Button type="submit" look="primary" disabled={password === "" || busy} icon={<Signature aria-hidden className="size-4.5" />}>
            {t("note.signNow", { version: draft.version })}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {t("note.cancel")}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <footer className="flex min-h-16 items-center gap-x-3 max-sm:flex-wrap border-t border-line bg-surface px-5 py-2.5">
      <p id="note-missing" role="status" className="mr-auto flex min-w-0 flex-1 items-center gap-2 text-ink-2 [&>svg]:shrink-0">
        {missing === null ? (
          <CircleCheck aria-hidden className="size-5 text-good" />
        ) : (
          <CircleDashed aria-hidden className="size-5 text-warn" />
        )}
        {missing ?? t("note.ready")}
      </p>
      {draft.undecided > 0 && <Button onClick={onDecideNext}>{t("note.decideNext")}</Button>}
      <Button
        look="primary"
        disabled={missing !== null || busy}
        aria-describedby="note-missing"
        onClick={() => setAsking(true)}
        icon={<Signature aria-hidden className="size-4.5" />}
      >
        {t("note.sign")}
      </Button>
    </footer>
  );
}
