import { useNavigate } from "@tanstack/react-router";
import { BookOpen, Check, ChevronDown, LogOut, Monitor, Moon, Sun, UserRound, ZoomIn, ZoomOut } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useIpc } from "@/ipc/context";
import { t, tIfAny } from "@/lib/i18n";
import { firstGuide } from "../places";
import { useSession } from "../session";
import { type Theme, useTheme } from "../theme";
import { SIZES, useZoom } from "../zoom";

const THEMES: { theme: Theme; words: () => string; icon: React.ReactNode }[] = [
  { theme: "system", words: () => t("bar.themeSystem"), icon: <Monitor aria-hidden /> },
  { theme: "light", words: () => t("bar.themeLight"), icon: <Sun aria-hidden /> },
  { theme: "dark", words: () => t("bar.themeDark"), icon: <Moon aria-hidden /> },
];

/** Who is signed in and as what; under it the appearance and the way out. */
export function Account() {
  const ipc = useIpc();
  const navigate = useNavigate();
  const { status, session, onSignedOut } = useSession();
  const { theme, setTheme } = useTheme();
  const { percent, larger, smaller } = useZoom();
  const [leaving, setLeaving] = useState(false);
  const role = tIfAny(`roles.${session.role}`) ?? session.role;

  const signOut = async () => {
    setLeaving(true);
    // Whatever the answer, what is shown next is what Rust says of the vault.
    await ipc.call("sign_out", {}).catch(() => undefined);
    await onSignedOut();
  };

  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        title={t("bar.account")}
        data-account
        className="flex min-h-11 items-center gap-2.5 rounded-lg py-1 pr-2 pl-1.5 text-left hover:bg-sunken data-[state=open]:bg-sunken"
      >
        <span
          aria-hidden
          className="grid size-8 place-items-center rounded-full bg-accent-soft text-meta font-semibold text-accent-strong"
        >
          {initials(session.name)}
        </span>
        <span className="leading-tight max-lg:sr-only">
          <span className="sr-only">{t("bar.signedInAs")} </span>
          <span dir="auto" className="block max-w-40 truncate text-left font-medium">{session.name}</span>
          <span className="sr-only">, </span>
          <span className="block text-meta text-ink-3">{leaving ? t("bar.signingOut") : role}</span>
        </span>
        <ChevronDown aria-hidden className="size-4 text-ink-3 max-md:hidden" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="appear z-30 w-60 rounded-xl border border-line bg-surface p-1.5 shadow-lift"
        >
          <DropdownMenu.Label className="px-3 pt-1.5 pb-1 text-meta text-ink-3">{t("bar.theme")}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {THEMES.map((choice) => (
              <DropdownMenu.RadioItem key={choice.theme} value={choice.theme} className={ITEM}>
                {choice.icon}
                {choice.words()}
                <DropdownMenu.ItemIndicator className="ml-auto">
                  <Check aria-hidden className="size-4 text-accent" />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Label className="px-3 pt-2 pb-1 text-meta text-ink-3">{t("zoom.title")}</DropdownMenu.Label>
          <div className="flex items-center gap-1 px-1">
            <DropdownMenu.Item
              aria-label={`${t("shortcuts.smaller")}, ${t("zoom.now", { percent })}`}
              disabled={percent <= SIZES[0]}
              onSelect={(event) => {
                event.preventDefault();
                smaller();
              }}
              className={`${ITEM} justify-center data-[disabled]:opacity-40`}
            >
              <ZoomOut aria-hidden />
            </DropdownMenu.Item>
            <span aria-hidden className="flex-1 text-center font-medium tabular-nums">
              {t("zoom.percent", { percent })}
            </span>
            <DropdownMenu.Item
              aria-label={`${t("shortcuts.larger")}, ${t("zoom.now", { percent })}`}
              disabled={percent >= 200}
              onSelect={(event) => {
                event.preventDefault();
                larger();
              }}
              className={`${ITEM} justify-center data-[disabled]:opacity-40`}
            >
              <ZoomIn aria-hidden />
            </DropdownMenu.Item>
          </div>
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => void navigate({ to: "/account" })}>
            <UserRound aria-hidden />
            {t("account.open")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => void navigate({ to: "/guides/$name", params: { name: firstGuide(session.role) } })}>
            <BookOpen aria-hidden />
            {t("guides.title")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} onSelect={() => void signOut()}>
            <LogOut aria-hidden />
            {t("bar.signOut")}
          </DropdownMenu.Item>
          <p className="px-3 pt-1.5 pb-1 text-meta text-ink-3">{t("bar.version", { version: status.version })}</p>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  "flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none data-[highlighted]:bg-sunken [&>svg]:size-4.5 [&>svg]:text-ink-3";

function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== "");
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}
