import { Link, Navigate, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { t } from "@/lib/i18n";
import { useSession } from "../session";
import { type AdministrationPage, componentOf, pagesOf } from "./pages";

/** What administrators keep in order: a page beside the list of all of them. */
export function AdministrationScreen() {
  const { session } = useSession();
  const { page } = useParams({ from: "/administration/$page" });
  const pages = pagesOf(session.role);
  const shown = pages.find((p) => p.name === page);
  const first = pages[0];
  if (shown === undefined) {
    return first === undefined ? <Navigate to="/" /> : <Navigate to="/administration/$page" params={{ page: first.name }} replace />;
  }
  return (
    <div className="flex h-full max-lg:flex-col">
      <nav
        aria-label={t("administration.label")}
        className="scroll-quiet flex shrink-0 gap-1 border-line bg-surface max-lg:border-b max-lg:px-5 lg:w-48 lg:flex-col xl:w-56 lg:border-r lg:p-3"
      >
        <p className="px-3 pt-3 pb-2 text-meta font-semibold text-ink-3 max-lg:sr-only">{t("nav.administration")}</p>
        {pages.map(({ name, words, icon }) => (
          <Link
            key={name}
            to="/administration/$page"
            params={{ page: name }}
            className="flex min-h-11 shrink-0 items-center gap-3 rounded-lg px-3 font-medium text-ink-2 tint hover:bg-sunken hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:text-accent-strong [&>svg]:size-4.5"
          >
            {icon}
            {words()}
          </Link>
        ))}
      </nav>
      <div className="min-h-0 min-w-0 flex-1">
        <Suspense>
          <Page key={shown.name} page={shown} />
        </Suspense>
      </div>
    </div>
  );
}

function Page({ page }: { page: AdministrationPage }) {
  // Chosen once: a page that is fetched meanwhile stays the one that it is.
  const [Component] = useState(() => componentOf(page));
  return <Component />;
}
