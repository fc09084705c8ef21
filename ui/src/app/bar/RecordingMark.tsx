import { useNavigate } from "@tanstack/react-router";
import { useRecording } from "@/features/recording/useRecording";
import { position } from "@/lib/format";
import { t } from "@/lib/i18n";

/** A recording under way, wherever one is; leads back to it. */
export function RecordingMark() {
  const take = useRecording().data;
  const navigate = useNavigate();
  if (take === undefined || take === null || take.state === "ended") return null;
  const id = take.encounter_id;
  const words = t(take.state === "paused" ? "recording.paused" : take.state === "waiting" ? "recording.waiting" : "recording.recording");
  return (
    <button
      type="button"
      data-recording-mark={take.state}
      disabled={id === null}
      onClick={() => id !== null && void navigate({ to: "/visits/$id/record", params: { id } })}
      className="mr-1 flex shrink-0 min-h-11 items-center gap-2 rounded-lg px-3 font-medium text-danger tabular-nums hover:bg-sunken"
    >
      <span aria-hidden className={`size-2.5 rounded-full bg-danger ${take.state === "recording" ? "animate-pulse" : "opacity-40"}`} />
      <span>
        <span className="max-xl:sr-only">{words} </span>
        {position(take.elapsed_s)}
      </span>
    </button>
  );
}
