import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { LayoutList, ScrollText, Search, Settings2, Table2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Arch } from "@/components/Arch";
import { SealMark } from "@/features/sealing/SealMark";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { pagesOf } from "./administration/pages";
import { ClockNotice } from "./bar/ClockNotice";
import { Account } from "./bar/Account";
import { JobMark } from "./bar/JobMark";
import { LogoffClock } from "./bar/LogoffClock";
import { RecordingMark } from "./bar/RecordingMark";
import { CommandPalette } from "./palette/CommandPalette";
import { Keys } from "./palette/Keys";
import { Shortcuts } from "./palette/Shortcuts";
import { typing, withControl } from "./palette/keys";
import { tabsOf } from "./places";
import { useSession } from "./session";
import { StepUpCard } from "./StepUp";

const ICONS = {
  "/visits": <LayoutList aria-hidden className="size-4.5" />,
  "/batches": <Table2 aria-hidden className="size-4.5" />,
  "/log": <ScrollText aria-hidden className="size-4.5" />,
} as const;

/** The bar that is always there, and the screen under it. */
export function Bar() {
  const { status, session, checkedAt } = useSession();
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const pages = pagesOf(session.role);
  const overlay = useOverlay();
  // A new screen is where the keyboard and a screen reader go on.
  useEffect(() => content.current?.focus({ preventScroll: true }), [pathname]);
  return (
    <div className="flex h-full flex-col">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
        className="sr-only focus-visible:not-sr-only focus-visible:absolute focus-visible:z-50 focus-visible:m-2 focus-visible:rounded-lg focus-visible:bg-surface focus-visible:p-3"
      >
        {t("app.skip")}
      </a>
      <header className="z-20 flex h-15 shrink-0 items-stretch gap-6 border-b border-line bg-surface pr-3 pl-5 max-xl:gap-3 max-md:h-12 max-md:gap-1 max-md:px-2">
        <p className="flex items-center gap-2.5 text-body font-semibold">
          <Arch className="size-7 text-accent" />
          <span className="max-xl:sr-only">{t("app.name")}</span>
        </p>
        <nav aria-label={t("nav.label")} className="flex items-stretch gap-1 max-md:gap-0">
          {tabsOf(session.role).map(({ to, words }) => (
            <Tab key={to} to={to} icon={ICONS[to]} words={words()} open={to === "/log" ? (session.open_alerts ?? 0) : 0} />
          ))}
          {pages[0] !== undefined && (
            <Tab to="/administration/$page" page={pages[0].name} icon={<Settings2 aria-hidden className="size-4.5" />} words={t("nav.administration")} />
          )}
        </nav>
        <div role="group" aria-label={t("bar.label")} className="ml-auto flex min-w-0 items-center gap-1 whitespace-nowrap">
          <RecordingMark />
          <JobMark />
          <button
            type="button"
            title={t("palette.open")}
            aria-label={t("palette.open")}
            aria-keyshortcuts="Control+K Meta+K"
            onClick={() => overlay.show("palette")}
            className="flex min-h-11 items-center gap-2 rounded-lg px-2.5 text-ink-2 hover:bg-sunken hover:text-ink"
          >
            <Search aria-hidden className="size-4.5" />
            <span aria-hidden className="max-xl:hidden [[data-job]~*_&]:max-[90rem]:hidden [[data-recording-mark]~*_&]:max-[90rem]:hidden">
              <Keys keys={["Ctrl", "K"]} />
            </span>
          </button>
          <SealMark proofs={status.sealing} checkedAt={checkedAt} />
          <LogoffClock />
          <span aria-hidden className="mx-1.5 h-7 w-px shrink-0 bg-line max-md:hidden" />
          <Account />
        </div>
      </header>
      <StepUpCard />
      <ClockNotice />
      <main ref={content} id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
        <Outlet />
      </main>
      <CommandPalette open={overlay.shown === "palette"} onOpenChange={overlay.change("palette")} onShortcuts={overlay.showShortcuts} />
      <Shortcuts open={overlay.shown === "shortcuts"} onOpenChange={overlay.change("shortcuts")} />
    </div>
  );
}

type Shown = "palette" | "shortcuts" | null;

/** The palette on Ctrl or Cmd and K, the shortcuts on a question mark. */
function useOverlay() {
  const [shown, show] = useState<Shown>(null);
  const [showShortcuts] = useState(() => () => show("shortcuts"));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (withControl(event) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        show((now) => (now === "palette" ? null : "palette"));
      } else if (event.key === "?" && !typing(event.target)) {
        event.preventDefault();
        show("shortcuts");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const change = (which: Shown) => (open: boolean) => show((now) => (open ? which : now === which ? null : now));
  return { shown, show, showShortcuts, change };
}

type TabProps = { to: "/visits" | "/batches" | "/log" | "/administration/$page"; page?: string; icon: React.ReactNode; words: string; open?: number };

function Tab({ to, page, icon, words, open = 0 }: TabProps) {
  const { pathname } = useLocation();
  // A tab with pages of its own is lit on each of them.
  const within = page !== undefined && pathname.startsWith("/administration/");
  return (
    <Link
      to={to}
      {...(page === undefined ? {} : { params: { page } })}
      data-within={within}
      title={words}
      className="flex items-center gap-2 border-b-2 border-transparent px-3 pt-0.5 max-md:px-2.5 font-medium text-ink-2 tint hover:text-ink data-[status=active]:border-accent data-[status=active]:text-ink data-[within=true]:border-accent data-[within=true]:text-ink [&[data-status=active]>svg]:text-accent [&[data-within=true]>svg]:text-accent"
    >
      {icon}
      <span className="max-lg:sr-only">{words}</span>
      {open > 0 && (
        <span className="-ml-0.5 rounded-full bg-danger-soft px-1.5 text-meta font-semibold text-danger tabular-nums">
          <span aria-hidden>{count(open)}</span>
          <span className="sr-only">, {t("nav.alerts", { count: open })}</span>
        </span>
      )}
    </Link>
  );
}
