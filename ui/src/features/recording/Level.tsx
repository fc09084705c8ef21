import { t } from "@/lib/i18n";

/** dBFS at the left edge of the bar. */
const FLOOR = -60;
/** From here on it is loud enough to be understood well. */
const GOOD = -40;
const BARS = 28;

/** How loud it is now: bars for the eye, a value for a screen reader that asks. */
export function Level({ dbfs, still = false }: { dbfs: number; still?: boolean }) {
  const share = still ? 0 : Math.min(1, Math.max(0, (dbfs - FLOOR) / -FLOOR));
  const full = Math.round(share * BARS);
  return (
    <div
      role="meter"
      aria-label={t("recording.level")}
      aria-valuemin={FLOOR}
      aria-valuemax={0}
      aria-valuenow={Math.round(Math.max(FLOOR, Math.min(0, dbfs)))}
      aria-valuetext={t("recording.levelOf", { db: Math.round(dbfs) })}
      className="flex h-8 max-w-96 items-center gap-1"
    >
      {Array.from({ length: BARS }, (_, i) => {
        const at = FLOOR + (i / BARS) * -FLOOR;
        const colour = at > -6 ? "bg-danger" : at > -12 ? "bg-warn" : at < GOOD ? "bg-ink-3" : "bg-accent";
        return <span key={i} className={`h-full min-w-0 flex-1 rounded-full ${i < full ? colour : "bg-line"}`} />;
      })}
    </div>
  );
}
