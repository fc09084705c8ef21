import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CornerDownLeft, FileText, Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { seesReports, seesVisits } from "../places";
import { useSession } from "../session";
import { type Action, useOffered } from "./actions";
import { Keys } from "./Keys";
import { useWindowActions } from "./useWindowActions";

type Group = { name: string; actions: readonly Action[] };

/** How many visits are offered by name; the list of all is one step away. */
const MOST_VISITS = 6;

/** Everything that can be done, found by typing. */
export function CommandPalette({ open, onOpenChange, onShortcuts }: { open: boolean; onOpenChange: (open: boolean) => void; onShortcuts: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appear fixed top-[12vh] left-1/2 z-50 flex max-h-[70vh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-lift"
        >
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <Choice onClose={() => onOpenChange(false)} onShortcuts={onShortcuts} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Choice({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const groups = useGroups(typed.trim(), onShortcuts);
  const flat = groups.flatMap((group) => group.actions);
  const chosen = flat[Math.min(at, flat.length - 1)];

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen?.id]);

  const run = (action: Action | undefined) => {
    if (action === undefined) return;
    onClose();
    action.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((now) => (Math.min(now, flat.length - 1) + step + flat.length) % Math.max(1, flat.length));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(chosen);
    }
  };

  return (
    <>
      <div className="flex shrink-0 items-center gap-3 border-b border-line px-4">
        <Search aria-hidden className="size-5 text-ink-3" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.id}`}
          aria-label={t("palette.label")}
          placeholder={t("palette.placeholder")}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
          className="h-14 min-w-0 flex-1 bg-transparent text-lead text-ink outline-none placeholder:text-ink-3"
        />
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={t("palette.title")} className="scroll-quiet min-h-0 flex-1 p-2">
        {groups.map((group) => (
          <div key={group.name} role="group" aria-label={group.name}>
            <p aria-hidden className="px-3 pt-2 pb-1 text-meta font-semibold text-ink-3">
              {group.name}
            </p>
            {group.actions.map((action) => (
              <div
                key={action.id}
                id={`${id}-${action.id}`}
                role="option"
                aria-selected={action === chosen}
                onPointerMove={() => setAt(flat.indexOf(action))}
                onClick={() => run(action)}
                className="flex min-h-11 cursor-pointer items-center gap-3 rounded-lg px-3 py-1.5 aria-selected:bg-accent-soft [&>svg]:size-4.5 [&>svg]:shrink-0 [&>svg]:text-ink-3 aria-selected:[&>svg]:text-accent"
              >
                {action.icon}
                <span className="min-w-0 flex-1 truncate">
                  <span className="font-medium text-ink">{action.words}</span>
                  {action.hint !== undefined && <span className="text-ink-3"> · {action.hint}</span>}
                </span>
                {action.keys !== undefined ? (
                  <Keys keys={action.keys} />
                ) : (
                  action === chosen && <CornerDownLeft aria-hidden className="text-ink-3" />
                )}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p role="status" className={flat.length === 0 ? "px-5 pb-5 text-ink-2" : "sr-only"}>
        {flat.length === 0 ? t("palette.nothing") : t("palette.count", { count: flat.length })}
      </p>
    </>
  );
}

/** What fits the words, best place first: what can be done here, then places, visits, the window. */
function useGroups(typed: string, onShortcuts: () => void): Group[] {
  const ipc = useIpc();
  const navigate = useNavigate();
  const { session } = useSession();
  const here = useOffered();
  const { places, window: own } = useWindowActions(onShortcuts);
  const hasVisits = seesVisits(session.role);
  const searches = hasVisits || seesReports(session.role);
  const visits = useQuery({
    queryKey: ["encounters"],
    queryFn: () => ipc.call("list_encounters", {}),
    enabled: hasVisits,
    staleTime: 30_000,
  }).data;
  return useMemo(() => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ words: name, hint = "" }: { words: string; hint?: string }) => {
      const text = `${name} ${hint}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const named: Action[] = [];
    for (const row of words.length === 0 ? [] : (visits ?? [])) {
      if (named.length === MOST_VISITS) break;
      if (!fits({ words: row.title })) continue;
      named.push({
        id: row.id,
        words: row.title,
        hint: t("palette.visit"),
        icon: <FileText aria-hidden />,
        run: () => void navigate({ to: "/visits/$id", params: { id: row.id } }),
      });
    }
    const texts: Action[] =
      typed === "" || !searches
        ? []
        : [
            {
              id: "search-texts",
              words: t("search.action", { words: typed }),
              icon: <Search aria-hidden />,
              run: () => void navigate({ to: "/search", state: { words: typed } }),
            },
          ];
    return [
      { name: t("palette.here"), actions: here.filter(fits) },
      { name: t("palette.places"), actions: places.filter(fits) },
      { name: t("palette.visits"), actions: named },
      { name: t("palette.window"), actions: own.filter(fits) },
      { name: t("palette.search"), actions: texts },
    ].filter((group) => group.actions.length > 0);
  }, [typed, here, places, own, visits, searches, navigate]);
}
