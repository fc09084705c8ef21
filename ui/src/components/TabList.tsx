import { Tabs } from "radix-ui";
import type { ReactNode } from "react";

/** The parts of a screen, side by side; the chosen one lies on top of its track, in both schemes. */
export function TabList({ label, tabs }: { label: string; tabs: readonly (readonly [value: string, words: ReactNode])[] }) {
  return (
    <Tabs.List aria-label={label} className="flex gap-1 rounded-xl bg-track p-1">
      {tabs.map(([value, words]) => (
        <Tabs.Trigger
          key={value}
          value={value}
          className="flex min-h-11 items-center rounded-lg px-4 font-medium whitespace-nowrap text-ink-2 tint hover:text-ink focus-visible:outline-offset-0 data-[state=active]:bg-raised data-[state=active]:text-ink data-[state=active]:shadow-raised"
        >
          {words}
        </Tabs.Trigger>
      ))}
    </Tabs.List>
  );
}
