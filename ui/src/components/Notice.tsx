import { CircleCheck, Info, OctagonAlert, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "@/lib/i18n";

const LOOK = {
  info: { box: "bg-accent-soft", icon: <Info aria-hidden className="text-accent" /> },
  good: { box: "bg-good-soft", icon: <CircleCheck aria-hidden className="text-good" /> },
  warn: { box: "bg-warn-soft", icon: <TriangleAlert aria-hidden className="text-warn" /> },
  danger: { box: "bg-danger-soft", icon: <OctagonAlert aria-hidden className="text-danger" /> },
} as const;

type Props = {
  tone: keyof typeof LOOK;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Spoken at once when it appears: for what went wrong just now. */
  urgent?: boolean;
  /** Takes it away again, where it says nothing more once it was read. */
  onClose?: () => void;
};

/** An inline message: what happened, what was kept, what to do. */
export function Notice({ tone, title, children, action, urgent = false, onClose }: Props) {
  return (
    <div role={urgent ? "alert" : "note"} className={`appear flex gap-3 rounded-xl p-4 ${LOOK[tone].box}`}>
      <span className="mt-px shrink-0 [&>svg]:size-5">{LOOK[tone].icon}</span>
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-ink">{title}</p>
        {children !== undefined && <div className="mt-0.5 text-ink-2">{children}</div>}
        {action !== undefined && <div className="mt-3 flex flex-wrap gap-2">{action}</div>}
      </div>
      {onClose !== undefined && (
        <button
          type="button"
          aria-label={t("visits.dismiss")}
          onClick={onClose}
          className="-m-3 grid size-11 shrink-0 place-items-center rounded-lg text-ink-2 hover:text-ink"
        >
          <X aria-hidden className="size-4.5" />
        </button>
      )}
    </div>
  );
}
