import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ChevronLeft, Mic } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { Consent, consentOf, useConsentDraft } from "@/features/recording/Consent";
import { LiveText } from "@/features/recording/LiveText";
import { Microphone } from "@/features/recording/Microphone";
import { Take } from "@/features/recording/Take";
import { RECORDING, useRecording } from "@/features/recording/useRecording";
import type { VisitAudioDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useJobs } from "./jobs";
import { unusableModel, useSession } from "./session";

/** The microphone of one visit: consent, then ready, then a take under way, then what was kept. */
export function RecordingScreen() {
  const ipc = useIpc();
  const { id } = useParams({ from: "/visits/$id/record" });
  const visit = useQuery({ queryKey: ["encounters", id], queryFn: () => ipc.call("get_encounter", { id }) });
  const audio = useQuery({ queryKey: ["encounters", id, "audio"], queryFn: () => ipc.call("visit_audio", { encounter: id }) });
  const take = useRecording();
  const failed = [visit, audio].find((q) => q.isError);
  // A take that ended by itself is taken into the store like one that was stopped.
  const broke = take.data?.state === "ended" && take.data.encounter_id === id && take.data.ended_because !== null;
  const refetch = audio.refetch;
  useEffect(() => {
    if (broke) void ipc.call("stop_recording", {}).then(() => refetch(), () => undefined);
  }, [broke, ipc, refetch]);
  const under = take.data !== undefined && take.data !== null && take.data.state !== "ended" ? take.data : null;
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-3xl px-8 py-8 max-md:px-4 max-md:py-3">
        <Link
          to="/visits/$id"
          params={{ id }}
          className="-ml-1.5 inline-flex min-h-11 items-center gap-1 rounded-lg pr-3 pl-1.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-5" />
          {t("recording.back")}
        </Link>
        <div className="mb-5 flex items-baseline justify-between gap-4">
          <h1 dir="auto" className="truncate text-hero font-semibold">{visit.data?.encounter.title ?? t("recording.title")}</h1>
          {audio.data?.consent?.decision === "given" && (
            <p className="shrink-0 text-meta text-ink-3">
              {t("recording.consentGiven", {
                by: audio.data.consent.by,
                how: t(audio.data.consent.how === "written" ? "recordingConsent.written" : "recordingConsent.spoken"),
              })}
            </p>
          )}
        </div>
        {failed !== undefined && <ErrorNotice error={failed.error} />}
        {under !== null && under.encounter_id !== id && <Notice tone="warn" title={t("recording.other")} />}
        {under !== null && under.encounter_id === id && <Take encounter={id} take={under} onStopped={() => void audio.refetch()} />}
        {under === null && audio.data !== undefined && <Before id={id} audio={audio.data} because={take.data?.encounter_id === id ? take.data.ended_because : null} />}
        {under === null && take.data?.encounter_id === id && take.data.recording_id !== null && (
          <div className="mt-5">
            <LiveText encounter={id} recording={take.data.recording_id} elapsed={take.data.elapsed_s} ended />
          </div>
        )}
      </div>
    </div>
  );
}

function Before({ id, audio, because }: { id: string; audio: VisitAudioDto; because: string | null }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [device, setDevice] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () => ipc.call("start_recording", { encounter: id, device, live: true }),
    onSuccess: () => void client.invalidateQueries({ queryKey: RECORDING }),
  });
  if (audio.consent === null) return <AskFirst id={id} />;
  if (audio.consent.decision !== "given") {
    return <Notice tone="warn" title={t("recording.consentDeclined", { by: audio.consent.by })} />;
  }
  return (
    <div className="space-y-5">
      {audio.duration_s > 0 && <Kept id={id} audio={audio} because={because} />}
      <section aria-label={t("recording.ready")} className="space-y-6 rounded-xl border border-line bg-surface p-8">
        <div>
          <h2 className="text-title font-semibold">{t("recording.ready")}</h2>
          <p className="mt-0.5 text-ink-2">{t("recording.readyBody")}</p>
        </div>
        <Microphone chosen={device} onChoose={setDevice} listen={!start.isPending} />
        <Button
          look={audio.duration_s > 0 ? "secondary" : "primary"}
          onClick={() => start.mutate()}
          disabled={start.isPending}
          icon={<Mic aria-hidden className="size-4.5" />}
        >
          {start.isPending ? t("recording.starting") : t("recording.start")}
        </Button>
        {start.isError && <ErrorNotice error={start.error} />}
      </section>
    </div>
  );
}

function Kept({ id, audio, because }: { id: string; audio: VisitAudioDto; because: string | null }) {
  const navigate = useNavigate();
  const { status, session } = useSession();
  const { start } = useJobs();
  const cannot = unusableModel(status, "speech") !== null;
  const toVisit = () => void navigate({ to: "/visits/$id", params: { id } });
  return (
    <Notice
      tone={because === null ? "good" : "warn"}
      title={t("recording.keptTitle")}
      action={
        <>
          <Button
            look="primary"
            disabled={cannot}
            onClick={() => {
              start({ name: "transcribe", encounter: id }, session.user_id);
              toVisit();
            }}
          >
            {t("recording.transcribe")}
          </Button>
          <Button onClick={toVisit}>{t("recording.toVisit")}</Button>
        </>
      }
    >
      <p>{t("recording.keptBody", { length: duration(audio.duration_s) })}</p>
      {because !== null && <p>{t(`recording.because.${because as "disk"}`)}</p>}
    </Notice>
  );
}

function AskFirst({ id }: { id: string }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [draft, setDraft] = useConsentDraft();
  const consent = consentOf(draft);
  const note = useMutation({
    mutationFn: async () => {
      if (consent !== null) await ipc.call("record_consent", { encounter: id, consent });
    },
    onSuccess: () => void client.invalidateQueries({ queryKey: ["encounters", id] }),
  });
  return (
    <section aria-label={t("recording.consentTitle")} className="space-y-5 rounded-xl border border-line bg-surface p-8">
      <div>
        <h2 className="text-title font-semibold">{t("recording.consentTitle")}</h2>
        <p className="mt-0.5 text-ink-2">{t("recording.consentBody")}</p>
      </div>
      <Consent draft={draft} onChange={setDraft} optional={false} />
      {note.isError && <ErrorNotice error={note.error} />}
      <Button look="primary" onClick={() => note.mutate()} disabled={consent === null || note.isPending}>
        {t("recording.note")}
      </Button>
    </section>
  );
}
