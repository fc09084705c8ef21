import { createMemoryHistory, createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { AdministrationScreen } from "./administration/AdministrationScreen";
import { AccountScreen } from "./AccountScreen";
import { Bar } from "./Bar";
import { BatchesScreen } from "./BatchesScreen";
import { RunScreen } from "./RunScreen";
import { LogScreen } from "./LogScreen";
import { NewVisitScreen } from "./NewVisitScreen";
import { RecordingScreen } from "./RecordingScreen";
import { VisitScreen } from "./VisitScreen";
import { VisitsScreen } from "./VisitsScreen";

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
const batches = createRoute({ getParentRoute: () => root, path: "/batches", component: BatchesScreen });
const run = createRoute({ getParentRoute: () => root, path: "/batches/$id", component: RunScreen });
const newVisit = createRoute({ getParentRoute: () => root, path: "/visits/new", component: NewVisitScreen });
const record = createRoute({ getParentRoute: () => root, path: "/visits/$id/record", component: RecordingScreen });
const log = createRoute({ getParentRoute: () => root, path: "/log", component: LogScreen });
const account = createRoute({ getParentRoute: () => root, path: "/account", component: AccountScreen });
const administration = createRoute({ getParentRoute: () => root, path: "/administration/$page", component: AdministrationScreen });

/** A router of one session, which begins where its person works. Its history is in memory: no id ever stands in an address the engine could keep. */
export function newRouter(first: "/visits" | "/log" = "/visits") {
  return createRouter({
    routeTree: root.addChildren([index, visits, newVisit, visit, record, batches, run, log, account, administration]),
    history: createMemoryHistory({ initialEntries: [first] }),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
