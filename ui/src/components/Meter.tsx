import { Progress } from "radix-ui";

/** A thin bar of work done; without a total it only says that work goes on. The words stand beside it. */
export function Meter({ done, total, label }: { done: number; total: number | null; label: string }) {
  const known = total !== null && total > 0;
  const share = known ? Math.min(1, done / total) : null;
  return (
    <Progress.Root
      value={share === null ? null : Math.round(share * 100)}
      aria-label={label}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      <Progress.Indicator
        className={`h-full rounded-full bg-accent ${share === null ? "indeterminate w-1/3" : "transition-[width] duration-300"}`}
        {...(share === null ? {} : { style: { width: `${share * 100}%` } })}
      />
    </Progress.Root>
  );
}
