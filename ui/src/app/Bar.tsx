import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { LayoutList, ScrollText, Settings2, Table2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { Arch } from "@/components/Arch";
import { SealMark } from "@/features/sealing/SealMark";
import { t } from "@/lib/i18n";
import { pagesOf } from "./administration/pages";
import { Account } from "./bar/Account";
import { JobMark } from "./bar/JobMark";
import { LogoffClock } from "./bar/LogoffClock";
import { RecordingMark } from "./bar/RecordingMark";
import { useSession } from "./session";
import { StepUpCard } from "./StepUp";

/** The bar that is always there, and the screen under it. */
export function Bar() {
  const { status, session, checkedAt } = useSession();
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const pages = pagesOf(session.role);
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
      <header className="z-20 flex h-15 shrink-0 items-stretch gap-6 border-b border-line bg-surface pr-3 pl-5">
        <p className="flex items-center gap-2.5 text-body font-semibold">
          <Arch className="size-7 text-accent" />
          {t("app.name")}
        </p>
        <nav aria-label={t("nav.label")} className="flex items-stretch gap-1">
          {session.role !== "auditor" && (
            <Tab to="/visits" icon={<LayoutList aria-hidden className="size-4.5" />} words={t("nav.visits")} />
          )}
          {["administrator", "researcher", "viewer"].includes(session.role) && (
            <Tab to="/batches" icon={<Table2 aria-hidden className="size-4.5" />} words={t("batches.nav")} />
          )}
          <Tab to="/log" icon={<ScrollText aria-hidden className="size-4.5" />} words={t("nav.log")} />
          {pages[0] !== undefined && (
            <Tab to="/administration/$page" page={pages[0].name} icon={<Settings2 aria-hidden className="size-4.5" />} words={t("nav.administration")} />
          )}
        </nav>
        <div role="group" aria-label={t("bar.label")} className="ml-auto flex min-w-0 items-center gap-1 whitespace-nowrap">
          <RecordingMark />
          <JobMark />
          <SealMark proofs={status.sealing} checkedAt={checkedAt} />
          <LogoffClock />
          <span aria-hidden className="mx-1.5 h-7 w-px bg-line" />
          <Account />
        </div>
      </header>
      <StepUpCard />
      <main ref={content} id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
        <Outlet />
      </main>
    </div>
  );
}

type TabProps = { to: "/visits" | "/batches" | "/log" | "/administration/$page"; page?: string; icon: React.ReactNode; words: string };

function Tab({ to, page, icon, words }: TabProps) {
  const { pathname } = useLocation();
  // A tab with pages of its own is lit on each of them.
  const within = page !== undefined && pathname.startsWith("/administration/");
  return (
    <Link
      to={to}
      {...(page === undefined ? {} : { params: { page } })}
      data-within={within}
      className="flex items-center gap-2 border-b-2 border-transparent px-3 pt-0.5 font-medium text-ink-2 tint hover:text-ink data-[status=active]:border-accent data-[status=active]:text-ink data-[within=true]:border-accent data-[within=true]:text-ink [&[data-status=active]>svg]:text-accent [&[data-within=true]>svg]:text-accent"
    >
      {icon}
      {words}
    </Link>
  );
}
