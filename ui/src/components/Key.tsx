/** A key and what it does. */
export function Key({ name, does }: { name: string; does: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <kbd className="rounded-md border border-line bg-surface px-1.5 py-0.5 font-sans text-meta leading-none font-medium text-ink-2">
        {name}
      </kbd>
      {does}
    </span>
  );
}
