import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Bookmark, CircleStop, Mic, MicOff, Pause, Play } from "lucide-react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import type { RecordingStatusDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { duration, position } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { Level } from "./Level";
import { LiveText } from "./LiveText";
import { RECORDING } from "./useRecording";

type Props = { encounter: string; take: RecordingStatusDto; onStopped: () => void };

const STATE = {
  recording: { words: "recording.recording", look: "bg-danger-soft text-danger", icon: <Mic aria-hidden /> },
  paused: { words: "recording.paused", look: "bg-sunken text-ink-2", icon: <Pause aria-hidden /> },
  waiting: { words: "recording.waiting", look: "bg-warn-soft text-warn", icon: <MicOff aria-hidden /> },
  ended: { words: "recording.ended", look: "bg-sunken text-ink-2", icon: <CircleStop aria-hidden /> },
} as const;

/** A take under way: its state large, what it hears, and what can be done. */
export function Take({ encounter, take, onStopped }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: RECORDING });
  const pause = useMutation({
    mutationFn: () =>
      take.state === "paused" ? ipc.call("resume_recording", { encounter }) : ipc.call("pause_recording", {}),
    onSettled: refresh,
  });
  const mark = useMutation({ mutationFn: () => ipc.call("mark_recording", { encounter }), onSettled: refresh });
  const stop = useMutation({
    mutationFn: () => ipc.call("stop_recording", {}),
    onSuccess: onStopped,
    onSettled: refresh,
  });
  const state = STATE[take.state as keyof typeof STATE] ?? STATE.ended;
  const failed = [pause, mark, stop].find((m) => m.isError);
  return (
    <div className="space-y-5">
      <section aria-label={t("recording.title")} className="rounded-xl border border-line bg-surface p-8">
        <div className="flex items-center justify-between gap-6">
          <p
            data-recording={take.state}
            role="status"
            className={`inline-flex items-center gap-2.5 rounded-full px-4 py-2 text-lead font-semibold [&>svg]:size-5 ${state.look}`}
          >
            {state.icon}
            {t(state.words)}
          </p>
          <p className="text-meta text-ink-3">{t("recording.from", { device: take.device })}</p>
        </div>
        <p className="mt-6 text-[4rem] leading-none font-semibold tracking-tight tabular-nums" aria-label={t("recording.elapsed")} role="timer">
          {position(take.elapsed_s)}
        </p>
        <p className="dotted mt-3 text-meta text-ink-3">
          {take.remaining_s !== null && <span>{`${t("recording.remaining")} ${duration(take.remaining_s)}`}</span>}
          {take.marks > 0 && <span>{t("recording.marks", { count: take.marks })}</span>}
        </p>
        <div className="mt-6">
          <Level dbfs={take.level_dbfs} still={take.state !== "recording"} />
        </div>
        <div className="mt-8 flex flex-wrap gap-3">
          <Button
            look="primary"
            onClick={() => stop.mutate()}
            disabled={stop.isPending}
            icon={<CircleStop aria-hidden className="size-4.5" />}
          >
            {stop.isPending ? t("recording.stopping") : t("recording.stop")}
          </Button>
          <Button
            onClick={() => pause.mutate()}
            disabled={pause.isPending || stop.isPending || take.state === "waiting"}
            icon={take.state === "paused" ? <Play aria-hidden className="size-4.5" /> : <Pause aria-hidden className="size-4.5" />}
          >
            {t(take.state === "paused" ? "recording.resume" : "recording.pause")}
          </Button>
          <Button
            look="quiet"
            onClick={() => mark.mutate()}
            disabled={mark.isPending || stop.isPending}
            icon={<Bookmark aria-hidden className="size-4.5" />}
          >
            {t("recording.mark")}
          </Button>
        </div>
      </section>
      {take.warnings.length > 0 && (
        <div role="status" className="space-y-3">
          {take.warnings.map((warning) => (
            <Notice key={warning} tone="warn" title={tIfAny(`recording.warnings.${warning}`) ?? warning} />
          ))}
        </div>
      )}
      {failed !== undefined && <ErrorNotice error={failed.error} />}
      {take.recording_id !== null && <LiveText encounter={encounter} recording={take.recording_id} elapsed={take.elapsed_s} />}
      <p className="text-meta text-ink-3">{t("recording.encrypted")}</p>
    </div>
  );
}
