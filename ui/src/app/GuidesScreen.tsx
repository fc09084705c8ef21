import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { Document } from "@/features/guides/Document";
import { shelvesFor, textOf } from "@/features/guides/library";
import { parse } from "@/features/guides/markdown";
import { t } from "@/lib/i18n";
import { useSession } from "./session";

/** The documentation, which the window brings along: a list of it beside what is read. */
export function GuidesScreen() {
  const { session } = useSession();
  const navigate = useNavigate();
  const { name } = useParams({ from: "/guides/$name" });
  const shelves = useMemo(() => shelvesFor(session.role), [session.role]);
  const guides = shelves.flatMap((shelf) => shelf.guides);
  const text = useQuery({ queryKey: ["guide", name], queryFn: () => textOf(name), staleTime: Infinity });
  const blocks = useMemo(() => parse(text.data ?? ""), [text.data]);
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollTo?.(0, 0), [name]);

  if (!guides.some((guide) => guide.name === name)) {
    return <Navigate to="/guides/$name" params={{ name: guides[0]!.name }} replace />;
  }
  const open = (to: string) => void navigate({ to: "/guides/$name", params: { name: to } });
  return (
    <div className="flex h-full max-lg:flex-col">
      <nav aria-label={t("guides.label")} className="scroll-quiet w-60 shrink-0 border-r border-line bg-surface p-3 max-lg:hidden">
        {shelves.map((shelf) => (
          <section key={shelf.words()} className="mb-3">
            <h2 className="px-3 pt-3 pb-2 text-meta font-semibold text-ink-3">{shelf.words()}</h2>
            {shelf.guides.map((guide) => (
              <Link
                key={guide.name}
                to="/guides/$name"
                params={{ name: guide.name }}
                className="flex min-h-9 items-center rounded-lg px-3 py-1.5 font-medium text-ink-2 tint hover:bg-sunken hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:text-accent-strong"
              >
                {guide.words()}
              </Link>
            ))}
          </section>
        ))}
      </nav>
      <div className="border-b border-line bg-surface px-4 py-2 lg:hidden">
        <select
          aria-label={t("guides.label")}
          value={name}
          onChange={(event) => open(event.target.value)}
          className="min-h-11 w-full rounded-lg border border-edge bg-surface px-3"
        >
          {shelves.map((shelf) => (
            <optgroup key={shelf.words()} label={shelf.words()}>
              {shelf.guides.map((guide) => (
                <option key={guide.name} value={guide.name}>
                  {guide.words()}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <div ref={top} className="scroll-quiet min-h-0 min-w-0 flex-1">
        <article className="selectable mx-auto max-w-3xl px-8 pt-8 pb-16 max-md:px-4 max-md:pt-5">
          <Document blocks={blocks} open={open} />
        </article>
      </div>
    </div>
  );
}
