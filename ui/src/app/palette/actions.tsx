import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useSyncExternalStore } from "react";

/** Something that can be done from the command palette. */
export type Action = {
  /** Stays the same while the action does. */
  id: string;
  words: string;
  /** More words to find it by, shown small. */
  hint?: string;
  icon?: ReactNode;
  /** The keys that do the same, as they are written on keyboards. */
  keys?: readonly string[];
  run: () => void;
};

type Registry = {
  add: (actions: readonly Action[]) => () => void;
  subscribe: (changed: () => void) => () => void;
  all: () => readonly Action[];
};

const ActionsContext = createContext<Registry | null>(null);

/** Keeps what the screens in sight offer, for as long as they are in sight. */
export function ActionsProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(newRegistry, []);
  return <ActionsContext value={registry}>{children}</ActionsContext>;
}

function newRegistry(): Registry {
  let sets: (readonly Action[])[] = [];
  let all: readonly Action[] = [];
  const listeners = new Set<() => void>();
  const changed = () => {
    all = sets.flat();
    listeners.forEach((tell) => tell());
  };
  return {
    add: (actions) => {
      sets = [...sets, actions];
      changed();
      return () => {
        sets = sets.filter((set) => set !== actions);
        changed();
      };
    },
    subscribe: (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    all: () => all,
  };
}

function useRegistry(): Registry {
  const registry = use(ActionsContext);
  if (registry === null) throw new Error("no ActionsProvider above this component");
  return registry;
}

/** Offers these in the palette while the component is there. What they do may change with every drawing. */
export function useActions(actions: readonly Action[]): void {
  const registry = useRegistry();
  const latest = useRef(actions);
  latest.current = actions;
  const shape = actions.map(({ id, words }) => `${id} ${words}`).join("\n");
  useEffect(
    () =>
      registry.add(
        latest.current.map((action) => ({ ...action, run: () => latest.current.find(({ id }) => id === action.id)?.run() })),
      ),
    [registry, shape],
  );
}

/** What the screens in sight offer. */
export function useOffered(): readonly Action[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.all);
}
