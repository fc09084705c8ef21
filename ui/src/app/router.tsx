import { createMemoryHistory, createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { Bar } from "./Bar";
import { LogScreen } from "./LogScreen";
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
const log = createRoute({ getParentRoute: () => root, path: "/log", component: LogScreen });

/** A router of one session. Its history is in memory: no id ever stands in an address the engine could keep. */
export function newRouter() {
  return createRouter({
    routeTree: root.addChildren([index, visits, visit, log]),
    history: createMemoryHistory({ initialEntries: ["/visits"] }),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
