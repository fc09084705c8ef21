import type { ReactNode } from "react";
import { Arch } from "./Arch";

type Step = { icon: ReactNode; title: string; body: string };

type Props = { title: string; body: string; action?: ReactNode; steps?: readonly Step[] };

/** Nothing is here yet: what would be, and the next step towards it. */
export function Empty({ title, body, action, steps = [] }: Props) {
  return (
    <section className="m-auto w-full max-w-3xl px-8 py-10 text-center max-sm:px-4">
      <Arch className="mx-auto size-14 text-accent" />
      <h2 className="mt-5 text-title font-semibold">{title}</h2>
      <p className="mx-auto mt-2 max-w-lg text-lead text-balance text-ink-2">{body}</p>
      {action !== undefined && <div className="mt-6 flex flex-wrap justify-center gap-2">{action}</div>}
      {steps.length > 0 && (
        <ol className="mt-12 grid grid-cols-3 gap-4 text-left max-md:grid-cols-1">
          {steps.map((step) => (
            <li key={step.title} className="rounded-xl border border-line bg-surface p-5">
              <span className="grid size-9 place-items-center rounded-lg bg-accent-soft text-accent [&>svg]:size-5">{step.icon}</span>
              <p className="mt-3 font-semibold">{step.title}</p>
              <p className="mt-0.5 text-ink-2">{step.body}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
