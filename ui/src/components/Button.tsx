import type { ComponentProps, ReactNode } from "react";

const LOOK = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong disabled:hover:bg-accent",
  secondary: "border border-edge bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink-2 hover:bg-sunken hover:text-ink",
} as const;

type Props = ComponentProps<"button"> & { look?: keyof typeof LOOK; icon?: ReactNode };

/** A button with words; 44 px high, for touch. */
export function Button({ look = "secondary", icon, className = "", children, type = "button", ...rest }: Props) {
  return (
    <button
      type={type}
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 text-ui font-medium whitespace-nowrap tint disabled:cursor-not-allowed disabled:opacity-55 ${LOOK[look]} ${className}`}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
