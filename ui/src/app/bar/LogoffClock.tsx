import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Timer } from "lucide-react";
import { Popover } from "radix-ui";
import { useRef } from "react";
import { Button } from "@/components/Button";
import { useIpc } from "@/ipc/context";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useSession } from "../session";
import { STATUS, useSecondsLeft, WARN_BELOW_S } from "../status";

/** Time to auto-logoff: minutes while there is time, a warning with a way to stay in the last one. */
export function LogoffClock() {
  const ipc = useIpc();
  const client = useQueryClient();
  const { session, checkedAt } = useSession();
  const left = useSecondsLeft(session, checkedAt);
  // Where the whole time is a minute or two, a warning that is always there would warn of nothing.
  const whole = useRef(0);
  whole.current = Math.max(whole.current, session.locks_in_s);
  const soon = left <= Math.min(WARN_BELOW_S, whole.current / 2);
  const stay = useMutation({
    mutationFn: () => ipc.call("touch", {}),
    onSettled: () => client.invalidateQueries({ queryKey: STATUS }),
  });
  const words = soon ? t("duration.seconds", { s: left }) : t("bar.logoffMinutes", { count: Math.ceil(left / 60) });

  return (
    <Popover.Root open={soon}>
      <Popover.Anchor asChild>
        <p
          title={t("bar.logoffTitle", { left: duration(left) })}
          className={`flex items-center gap-1.5 px-2.5 text-meta font-medium tabular-nums ${soon ? "text-warn" : "text-ink-2"}`}
        >
          <Timer aria-hidden className="size-4.5" />
          <span className="sr-only">{t("bar.logoff")}: </span>
          {words}
        </p>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={10}
          role="alertdialog"
          aria-label={t("bar.logoff")}
          onOpenAutoFocus={(event) => event.preventDefault()}
          className="appear z-40 w-88 rounded-xl border border-warn bg-surface p-4 shadow-lift"
        >
          <p className="font-semibold text-warn tabular-nums">{t("bar.logoffSoon", { seconds: left })}</p>
          <p className="mt-1 text-ink-2">{t("bar.logoffSoonBody")}</p>
          <Button look="primary" className="mt-3 w-full" onClick={() => stay.mutate()} disabled={stay.isPending}>
            {t("bar.stay")}
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
