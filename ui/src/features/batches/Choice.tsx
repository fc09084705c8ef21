import { type ComponentProps, useId } from "react";

type Props = Omit<ComponentProps<"select">, "id"> & { label: string; options: readonly (readonly [value: string, words: string])[] };

/** A labelled choice among a few. */
export function Choice({ label, options, className = "", ...rest }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-medium text-ink">
        {label}
      </label>
      <select
        id={id}
        className="h-11 w-full rounded-lg border border-edge bg-surface px-3.5 text-body text-ink tint focus-visible:outline-offset-0"
        {...rest}
      >
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A labelled tick. */
export function Tick({ label, ...rest }: Omit<ComponentProps<"input">, "type"> & { label: string }) {
  return (
    <label className="flex min-h-11 items-center gap-2.5">
      <input type="checkbox" className="size-5" {...rest} />
      {label}
    </label>
  );
}
