import { useLocation, useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Arch } from "@/components/Arch";
import { FoundReports, FoundVisits } from "@/features/search/Found";
import { t } from "@/lib/i18n";
import { seesReports, seesVisits } from "./places";
import { useSession } from "./session";

/** So long after the last key the search begins. */
const PAUSE_MS = 200;

/** Words looked for in one's own visits and reports. */
export function SearchScreen() {
  const { session } = useSession();
  const navigate = useNavigate();
  const asked = useLocation({ select: ({ state }) => state.words ?? "" });
  const [typed, setTyped] = useState(asked);
  const [words, setWords] = useState(asked.trim());
  const field = useRef<HTMLInputElement>(null);
  const visits = seesVisits(session.role);
  const reports = seesReports(session.role);

  useEffect(() => {
    setTyped(asked);
    setWords(asked.trim());
    field.current?.select();
    field.current?.focus();
  }, [asked]);
  useEffect(() => {
    const timer = window.setTimeout(() => setWords(typed.trim()), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);

  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-4xl space-y-6 px-8 py-8 max-md:px-4 max-md:py-5">
        <div>
          <h1 className="text-hero font-semibold">{t("search.title")}</h1>
          <p className="mt-1 text-ink-2">{t(visits && reports ? "search.lead" : visits ? "search.leadVisits" : "search.leadReports")}</p>
        </div>
        <div className="relative">
          <Search aria-hidden className="pointer-events-none absolute top-3.5 left-3.5 size-5 text-ink-3" />
          <input
            ref={field}
            type="search"
            aria-label={t("search.field")}
            value={typed}
            maxLength={400}
            dir="auto"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
            className="h-11 w-full rounded-lg border border-edge bg-surface pr-3.5 pl-11 text-body text-ink focus-visible:outline-offset-0"
          />
        </div>
        {words === "" ? (
          <div className="py-14 text-center text-ink-2">
            <Arch className="mx-auto mb-3 size-12 text-ink-3" />
            {t("search.empty")}
          </div>
        ) : (
          <>
            {visits && (
              <FoundVisits
                words={words}
                open={(hit) => void navigate({ to: "/visits/$id", params: { id: hit.encounter }, state: { words } })}
              />
            )}
            {reports && (
              <FoundReports
                words={words}
                open={(hit) =>
                  hit.batch !== null && void navigate({ to: "/batches/$id", params: { id: hit.batch }, state: { document: hit.id } })
                }
              />
            )}
          </>
        )}
      </div>
    </div>
  );
}
