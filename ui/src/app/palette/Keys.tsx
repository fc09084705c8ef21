/** Keys to press, as they are written on a keyboard. */
export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span className="flex shrink-0 gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="grid min-w-6 place-items-center rounded-md border border-line bg-surface px-1.5 py-0.5 font-sans text-meta leading-none font-medium text-ink-2"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
