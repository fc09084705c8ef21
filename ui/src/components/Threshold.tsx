import { Cpu, Quote, ScrollText } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "@/lib/i18n";
import { Arcade, Arch } from "./Arch";

type Props = {
  children: ReactNode;
  /** Stands above what scrolls. */
  top?: ReactNode;
  /** For forms that need the whole window. */
  wide?: boolean;
};

/** The page before one is in: what this is on the left, what to do on the right. */
export function Threshold({ children, top, wide = false }: Props) {
  return (
    <div
      className={`grid h-full grid-rows-1 max-md:grid-cols-1 print:block ${wide ? "grid-cols-1" : "grid-cols-[minmax(20rem,2fr)_3fr]"}`}
    >
      {!wide && (
        <aside className="relative flex flex-col overflow-hidden bg-threshold p-8 text-on-threshold xl:p-10 max-md:hidden print:hidden">
          <p className="flex items-center gap-3 text-title font-semibold">
            <Arch className="size-8" />
            {t("app.name")}
          </p>
          <div className="relative z-10 mt-[9vh] max-w-sm">
            <p className="text-hero font-semibold text-balance">{t("threshold.motto")}</p>
            <p className="mt-3 text-lead text-pretty text-on-threshold-2">{t("threshold.lead")}</p>
            <ul className="mt-[5vh] space-y-3.5 text-on-threshold-2 [&_svg]:mt-px [&_svg]:size-5 [&_svg]:shrink-0 [&>li]:flex [&>li]:gap-3">
              <li>
                <Cpu aria-hidden />
                {t("threshold.sealed")}
              </li>
              <li>
                <Quote aria-hidden />
                {t("threshold.grounded")}
              </li>
              <li>
                <ScrollText aria-hidden />
                {t("threshold.logged")}
              </li>
            </ul>
          </div>
          <Arcade className="absolute inset-x-0 bottom-0 h-[30%] w-full [@media(max-height:700px)]:h-[18%] text-on-threshold opacity-40" />
        </aside>
      )}
      <main className="flex min-h-0 flex-col bg-page print:block print:bg-white">
        {top}
        <div className="scroll-quiet flex min-h-0 flex-1 flex-col print:block print:overflow-visible">
          <div
            className={`m-auto w-full px-8 py-6 max-sm:px-5 [@media(max-height:700px)]:py-4 print:m-0 print:max-w-none ${wide ? "max-w-4xl" : "max-w-112"}`}
          >
            {children}
          </div>
        </div>
      </main>
    </div>
  );
}
