import { useNavigate } from "@tanstack/react-router";
import { BookOpen, Keyboard, LayoutList, LayoutTemplate, LogOut, Mic, Monitor, Moon, ScrollText, Search, Sun, Table2, UserRound, ZoomIn, ZoomOut } from "lucide-react";
import { useMemo } from "react";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { pagesOf } from "../administration/pages";
import { firstGuide, seesReports, seesVisits, tabsOf } from "../places";
import { useSession } from "../session";
import { useTheme } from "../theme";
import { useZoom } from "../zoom";
import type { Action } from "./actions";

const ICONS = {
  "/visits": <LayoutList aria-hidden />,
  "/batches": <Table2 aria-hidden />,
  "/log": <ScrollText aria-hidden />,
} as const;

/** Where a person of this role can go, and what can be done with the window itself. */
export function useWindowActions(onShortcuts: () => void): { places: Action[]; window: Action[] } {
  const ipc = useIpc();
  const navigate = useNavigate();
  const { session, onSignedOut } = useSession();
  const { setTheme } = useTheme();
  const { percent, larger, smaller } = useZoom();
  return useMemo(() => {
    const visits = seesVisits(session.role);
    const places: Action[] = [
      ...(visits
        ? [
            {
              id: "new-visit",
              words: t("visits.new"),
              icon: <Mic aria-hidden />,
              run: () => void navigate({ to: "/visits/new" }),
            },
          ]
        : []),
      ...tabsOf(session.role).map(({ to, words }) => ({
        id: to,
        words: words(),
        icon: ICONS[to],
        run: () => void navigate({ to }),
      })),
      ...(visits || seesReports(session.role)
        ? [
            {
              id: "search",
              words: t("search.title"),
              hint: t("search.hint"),
              icon: <Search aria-hidden />,
              run: () => void navigate({ to: "/search" }),
            },
          ]
        : []),
      ...(visits
        ? [
            {
              id: "templates",
              words: t("templates.title"),
              hint: t("templates.hint"),
              icon: <LayoutTemplate aria-hidden />,
              run: () => void navigate({ to: "/templates" }),
            },
          ]
        : []),
      ...pagesOf(session.role).map(({ name, words, hint, icon }) => ({
        id: `administration-${name}`,
        words: words(),
        hint: hint(),
        icon,
        run: () => void navigate({ to: "/administration/$page", params: { page: name } }),
      })),
      {
        id: "account",
        words: t("account.open"),
        icon: <UserRound aria-hidden />,
        run: () => void navigate({ to: "/account" }),
      },
      {
        id: "guides",
        words: t("guides.title"),
        hint: t("guides.hint"),
        icon: <BookOpen aria-hidden />,
        run: () => void navigate({ to: "/guides/$name", params: { name: firstGuide(session.role) } }),
      },
    ];
    const appearance = t("bar.theme");
    const window: Action[] = [
      { id: "shortcuts", words: t("shortcuts.title"), icon: <Keyboard aria-hidden />, keys: ["?"], run: onShortcuts },
      { id: "light", words: t("bar.themeLight"), hint: appearance, icon: <Sun aria-hidden />, run: () => setTheme("light") },
      { id: "dark", words: t("bar.themeDark"), hint: appearance, icon: <Moon aria-hidden />, run: () => setTheme("dark") },
      { id: "system", words: t("bar.themeSystem"), hint: appearance, icon: <Monitor aria-hidden />, run: () => setTheme("system") },
      { id: "larger", words: t("shortcuts.larger"), hint: t("zoom.now", { percent }), icon: <ZoomIn aria-hidden />, keys: ["Ctrl", "+"], run: larger },
      { id: "smaller", words: t("shortcuts.smaller"), hint: t("zoom.now", { percent }), icon: <ZoomOut aria-hidden />, keys: ["Ctrl", "−"], run: smaller },
      {
        id: "sign-out",
        words: t("bar.signOut"),
        icon: <LogOut aria-hidden />,
        run: () => void ipc.call("sign_out", {}).catch(() => undefined).then(onSignedOut),
      },
    ];
    return { places, window };
  }, [ipc, navigate, session.role, onSignedOut, setTheme, onShortcuts, percent, larger, smaller]);
}
