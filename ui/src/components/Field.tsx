import { type ComponentProps, type ReactNode, useId } from "react";

type Props = Omit<ComponentProps<"input">, "id"> & {
  label: string;
  hint?: ReactNode;
  fault?: string | undefined;
  after?: ReactNode;
};

/** A labelled input with its hint, or what is wrong with it. */
export function Field({ label, hint, fault, after, className = "", ...rest }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-medium text-ink">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          dir="auto"
          aria-describedby={`${id}-hint`}
          aria-invalid={fault !== undefined}
          className={`h-11 w-full rounded-lg border bg-surface px-3.5 text-body text-ink tint focus-visible:outline-offset-0 ${
            fault === undefined ? "border-edge" : "border-danger"
          } ${after === undefined ? "" : "pr-11"}`}
          {...rest}
        />
        {after !== undefined && <div className="absolute inset-y-0 right-0 flex items-center">{after}</div>}
      </div>
      <p id={`${id}-hint`} className={`mt-1.5 text-meta empty:hidden ${fault === undefined ? "text-ink-3" : "text-danger"}`}>
        {fault ?? hint}
      </p>
    </div>
  );
}
