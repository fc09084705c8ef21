import type { ReactNode } from "react";

const TONE = {
  plain: "border-line bg-surface text-ink-2",
  outline: "border-edge bg-surface text-ink-2",
  accent: "border-transparent bg-accent-soft text-accent-strong",
  inverse: "border-transparent bg-ink-2 text-surface",
  good: "border-transparent bg-good-soft text-good",
  warn: "border-transparent bg-warn-soft text-warn",
  refused: "border-dashed border-warn bg-surface text-warn",
  danger: "border-transparent bg-danger-soft text-danger",
} as const;

export type ChipTone = keyof typeof TONE;

/** A short state with its mark: never by colour alone. */
export function Chip({ tone = "plain", icon, children }: { tone?: ChipTone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span
      className={`inline-flex h-6 shrink-0 items-center gap-1 rounded-full border px-2 text-meta font-medium whitespace-nowrap [&>svg]:size-3.5 ${TONE[tone]}`}
    >
      {icon}
      {children}
    </span>
  );
}
