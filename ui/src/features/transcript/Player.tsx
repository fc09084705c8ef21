import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CirclePlay, CircleStop } from "lucide-react";
import { useMemo } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import type { VisitAudioDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";
import { position } from "@/lib/format";
import { t } from "@/lib/i18n";
import type { Playback } from "./usePlayback";

const BUCKETS = 240;

type Props = { encounter: string; audio: VisitAudioDto; playback: Playback };

/** The outline of the sound, where the voice is in it, and the way to start and stop it. Rust plays. */
export function Player({ encounter, audio, playback }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  const peaks = useQuery({
    queryKey: ["encounters", encounter, "peaks", audio.duration_s],
    queryFn: () => ipc.call("audio_peaks", { encounter, buckets: BUCKETS }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const at = playback.position ?? 0;
  const share = audio.duration_s > 0 ? Math.min(1, at / audio.duration_s) : 0;
  const outline = useMemo(() => path(peaks.data ?? []), [peaks.data]);
  const toggle = () => {
    if (playback.playing) playback.stop();
    else playback.play(share >= 0.999 ? 0 : at, null);
  };
  return (
    <section aria-label={t("transcript.player")} className="shrink-0 border-t border-line bg-surface px-4 py-2">
      {playback.error !== null && (
        <ErrorNotice error={playback.error} action={<button type="button" className="sr-only" onClick={() => void client.invalidateQueries({ queryKey: ["playback"] })}>{t("app.retry")}</button>} />
      )}
      <div className="flex items-center gap-3">
        <button
          type="button"
          onClick={toggle}
          data-playing={playback.playing}
          className="grid size-11 place-items-center rounded-lg text-accent hover:bg-sunken"
          aria-label={t(playback.playing ? "transcript.pause" : "transcript.play")}
        >
          {playback.playing ? <CircleStop aria-hidden className="size-6" /> : <CirclePlay aria-hidden className="size-6" />}
        </button>
        <div className="relative h-11 min-w-0 flex-1">
          <svg aria-hidden viewBox={`0 0 ${BUCKETS} 40`} preserveAspectRatio="none" className="absolute inset-0 size-full text-edge">
            <path d={outline} fill="currentColor" />
          </svg>
          <svg
            aria-hidden
            viewBox={`0 0 ${BUCKETS} 40`}
            preserveAspectRatio="none"
            className="absolute inset-0 size-full text-accent"
            style={{ clipPath: `inset(0 ${(1 - share) * 100}% 0 0)` }}
          >
            <path d={outline} fill="currentColor" />
          </svg>
          <input
            type="range"
            min={0}
            max={Math.max(1, Math.floor(audio.duration_s))}
            value={Math.floor(at)}
            onChange={(e) => playback.play(Number(e.target.value), null)}
            aria-label={t("transcript.seek")}
            aria-valuetext={position(at)}
            className="absolute inset-0 size-full cursor-pointer opacity-0 focus-visible:opacity-60"
          />
        </div>
        {peaks.error instanceof IpcError && peaks.error.code === "step_up_needed" && (
          <p className="shrink-0 text-meta text-ink-2">{t("stepUp.hear")}</p>
        )}
        <p className="shrink-0 text-meta text-ink-3 tabular-nums">
          {t("transcript.position", { at: position(at), length: position(audio.duration_s) })}
        </p>
      </div>
    </section>
  );
}

/** Bars around the middle line. */
function path(peaks: readonly number[]): string {
  return peaks
    .map((peak, i) => {
      const half = Math.max(0.6, (peak / 255) * 19);
      return `M${i + 0.15} ${20 - half}h.7v${2 * half}h-.7z`;
    })
    .join("");
}
