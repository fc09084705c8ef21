import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";

/** A step of the clock that is worth a word, in milliseconds. */
const STEP_MS = 60_000;
/** How often the two clocks are compared. */
const LOOK_MS = 2_000;

/** Says that the workstation's clock was set, or that it slept: times before and after are not comparable. */
export function ClockNotice() {
  const client = useQueryClient();
  const [jump, setJump] = useState<number | null>(null);
  useEffect(() => {
    // The time of day against a clock that only ever goes on.
    let between = Date.now() - performance.now();
    const timer = setInterval(() => {
      const now = Date.now() - performance.now();
      const by = now - between;
      between = now;
      if (Math.abs(by) < STEP_MS) return;
      setJump(by);
      // What was read counts as fresh by the time of day, too.
      void client.invalidateQueries();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [client]);
  if (jump === null) return null;
  return (
    <div className="shrink-0 border-b border-line px-5 py-2">
      <Notice
        tone="warn"
        title={t(jump < 0 ? "clock.back" : "clock.forward", { by: duration(Math.abs(jump) / 1000) })}
        action={<Button onClick={() => setJump(null)}>{t("visits.dismiss")}</Button>}
      >
        {t("clock.body")}
      </Notice>
    </div>
  );
}
