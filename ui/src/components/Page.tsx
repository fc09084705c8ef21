import type { ReactNode } from "react";

type Props = { title: string; lead: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode };

/** A page of Administration: its name, what it is for, what can be done on it. All of them are as wide. */
export function Page({ title, lead, note, actions, children }: Props) {
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-6xl space-y-6 px-8 py-8 max-xl:px-6 max-xl:py-6 max-md:px-4 max-md:py-5">
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="min-w-0 flex-1 max-md:basis-full">
            <h1 className="text-hero leading-11 font-semibold">{title}</h1>
            <p className="mt-0.5 max-w-2xl text-pretty text-ink-2">{lead}</p>
            {note !== undefined && <p className="mt-1 text-meta text-ink-3">{note}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
        </div>
        {children}
      </div>
    </div>
  );
}
