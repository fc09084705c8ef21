import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { preloadPages } from "./administration/pages";
import { Bar } from "./Bar";
import { VisitScreen } from "./VisitScreen";
import { VisitsScreen } from "./VisitsScreen";

// Fetched when they are first gone to, or before, once the window has nothing else to do.
const batchesScreen = lazyRouteComponent(() => import("./BatchesScreen"), "BatchesScreen");
const runScreen = lazyRouteComponent(() => import("./RunScreen"), "RunScreen");
const newVisitScreen = lazyRouteComponent(() => import("./NewVisitScreen"), "NewVisitScreen");
const recordingScreen = lazyRouteComponent(() => import("./RecordingScreen"), "RecordingScreen");
const logScreen = lazyRouteComponent(() => import("./LogScreen"), "LogScreen");
const searchScreen = lazyRouteComponent(() => import("./SearchScreen"), "SearchScreen");
const templatesScreen = lazyRouteComponent(() => import("@/features/templates/Templates"), "Templates");
const accountScreen = lazyRouteComponent(() => import("./AccountScreen"), "AccountScreen");
const administrationScreen = lazyRouteComponent(() => import("./administration/AdministrationScreen"), "AdministrationScreen");
const guidesScreen = lazyRouteComponent(() => import("./GuidesScreen"), "GuidesScreen");

/** Fetches every screen, so that going there takes no time. */
export function preloadScreens(): void {
  const screens = [batchesScreen, runScreen, newVisitScreen, recordingScreen, logScreen, searchScreen, templatesScreen, accountScreen, administrationScreen, guidesScreen];
  for (const screen of screens) void screen.preload?.();
  preloadPages();
}

const root = createRootRoute({ component: Bar });

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/visits" });
  },
});
const visits = createRoute({ getParentRoute: () => root, path: "/visits", component: VisitsScreen });
const visit = createRoute({ getParentRoute: () => root, path: "/visits/$id", component: VisitScreen });
const batches = createRoute({ getParentRoute: () => root, path: "/batches", component: batchesScreen });
const run = createRoute({ getParentRoute: () => root, path: "/batches/$id", component: runScreen });
const newVisit = createRoute({ getParentRoute: () => root, path: "/visits/new", component: newVisitScreen });
const record = createRoute({ getParentRoute: () => root, path: "/visits/$id/record", component: recordingScreen });
const log = createRoute({ getParentRoute: () => root, path: "/log", component: logScreen });
const search = createRoute({ getParentRoute: () => root, path: "/search", component: searchScreen });
const templates = createRoute({ getParentRoute: () => root, path: "/templates", component: templatesScreen });
const account = createRoute({ getParentRoute: () => root, path: "/account", component: accountScreen });
const administration = createRoute({ getParentRoute: () => root, path: "/administration/$page", component: administrationScreen });
const guides = createRoute({ getParentRoute: () => root, path: "/guides/$name", component: guidesScreen });

/** A router of one session, which begins where its person works. Its history is in memory: no id ever stands in an address the engine could keep. */
export function newRouter(first: "/visits" | "/batches" | "/log" = "/visits") {
  return createRouter({
    routeTree: root.addChildren([index, visits, newVisit, visit, record, batches, run, log, search, templates, account, administration, guides]),
    history: createMemoryHistory({ initialEntries: [first] }),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
  /** What one screen tells the next. In memory, like the addresses. */
  interface HistoryState {
    /** Words that were looked for. */
    words?: string;
    /** The report to open. */
    document?: string;
  }
}
