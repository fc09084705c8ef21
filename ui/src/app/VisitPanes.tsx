import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { Mic } from "lucide-react";
import { useMemo, useState } from "react";
import { Arch } from "@/components/Arch";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { Button } from "@/components/Button";
import { JobCard } from "@/components/JobCard";
import type { Verdict } from "@/features/extraction/FindingList";
import { FindingsPane } from "@/features/extraction/FindingsPane";
import { NotePane } from "@/features/note/NotePane";
import { Player } from "@/features/transcript/Player";
import { TranscriptPane } from "@/features/transcript/TranscriptPane";
import { usePlayback } from "@/features/transcript/usePlayback";
import type { EncounterDto, FindingDto, JsonValue, NoteSentenceDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { type NoteTemplate, saved } from "@/ipc/note";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { shownOrder, valueText } from "@/lib/fields";
import { evidenceWords, findingsByWord, findingsOn, spokenText, type WordSpan, wordsLike } from "@/lib/spoken";
import { useJobs } from "./jobs";
import { unusableModel, useSession } from "./session";
import { useFindingKeys } from "./useFindingKeys";
import { useExtraction } from "./useExtraction";
import { useNote } from "./useNote";
import { useUndo } from "./useUndo";
import { useTranscript } from "./useTranscript";
import { SideTabs, type Side } from "./SideTabs";

/** What the reader looks at: one finding, some words, or a sentence of the note. */
type Look = { kind: "finding"; index: number } | { kind: "words"; span: WordSpan } | { kind: "found"; spans: WordSpan[] } | { kind: "sentence"; sentence: NoteSentenceDto };
/** `turn` makes the same choice twice two choices. */
type Choice = Look & { turn: number };

const NO_FINDINGS: readonly FindingDto[] = [];

/** Transcript and findings, each lighting up what belongs to the other's choice. */
export function VisitPanes({ visit }: { visit: EncounterDto }) {
  const { encounter, transcript, extractions } = visit;
  const [shownId, setShownId] = useState<string | null>(null);
  const sought = useLocation({ select: ({ state }) => state.words ?? "" });
  const shown = extractions.find((extraction) => extraction.id === shownId) ?? extractions[0] ?? null;
  const findings = shown?.findings ?? NO_FINDINGS;
  const spoken = useMemo(() => (transcript === null ? null : spokenText(transcript)), [transcript]);
  // Who comes from a search sees what was looked for.
  const [choice, setChoice] = useState<Choice | null>(() => {
    const spans = spoken === null ? [] : wordsLike(spoken, sought);
    return spans.length === 0 ? null : { kind: "found", spans, turn: 0 };
  });
  const by = useMemo(() => (spoken === null ? [] : findingsByWord(spoken, findings)), [spoken, findings]);

  const choose = (next: Look | null) =>
    setChoice((now) => (next === null ? null : { ...next, turn: (now?.turn ?? 0) + 1 }));
  const [side, setSide] = useState<Side>("findings");
  // Where there is no room for both, the transcript is a tab of its own.
  const [reading, setReading] = useState(sought !== "");

  const ipc = useIpc();
  const audio = useQuery({
    queryKey: ["encounters", encounter.id, "audio"],
    queryFn: () => ipc.call("visit_audio", { encounter: encounter.id }),
  }).data;
  const heard = transcript !== null && audio?.transcript_fits === true && audio.duration_s > 0;
  const playback = usePlayback(encounter.id, heard);

  const extraction = useExtraction(encounter.id, () => {
    setShownId(null);
    setChoice(null);
  });

  const { did, undo } = useUndo();
  const changes = useTranscript(encounter.id, encounter.state === "signed" ? null : transcript);

  const chosen = choice?.kind === "finding" ? choice.index : null;
  useFindingKeys(side === "findings" ? findings : NO_FINDINGS, chosen, choose);

  const { note, ...noted } = useNote(encounter.id, transcript !== null);
  const decisions = useMemo(
    () => new Map((note?.decisions ?? []).filter((d) => d.extraction === shown?.id).map((d) => [d.path, d])),
    [note, shown],
  );
  const open = (index: number) => findings[index]?.support !== "unsupported" && !decisions.has(findings[index]?.path ?? "");
  const locked = note === undefined || (note.signed.length > 0 && note.draft === null);
  const decide = (index: number, verdict: Verdict, value?: JsonValue) => {
    const path = findings[index]?.path;
    if (shown === null || path === undefined) return;
    const say = (to: Verdict, as?: JsonValue) =>
      noted.change({ kind: "decide", decisions: [{ extraction: shown.id, path, verdict: to, ...(as !== undefined && { value: as }) }] });
    const before = decisions.get(path);
    const said = valueText(findings[index]?.value ?? null, { yes: t("findings.yes"), no: t("findings.no") }) ?? "";
    say(verdict, value);
    did(t(`undo.${verdict === "undo" ? "undone" : verdict}`, { value: said }), () => {
      setShownId(shown.id);
      setSide("findings");
      choose({ kind: "finding", index });
      if (before === undefined) say("undo");
      else say(before.verdict as Verdict, before.verdict === "edit" ? before.value : undefined);
    });
    if (verdict === "undo") return;
    const order = shownOrder(findings);
    const here = order.indexOf(index);
    const next = [...order.slice(here + 1), ...order.slice(0, here)].find(open);
    if (next !== undefined) choose({ kind: "finding", index: next });
  };
  const decideNext = () => {
    const waiting = note?.draft?.sources.find((source) => source.undecided > 0);
    const of = extractions.find((x) => x.id === waiting?.extraction) ?? shown;
    if (of === null) return;
    const done = new Set((note?.decisions ?? []).filter((d) => d.extraction === of.id).map((d) => d.path));
    const next = shownOrder(of.findings).find((i) => of.findings[i]?.support !== "unsupported" && !done.has(of.findings[i]?.path ?? ""));
    setShownId(of.id);
    setSide("findings");
    choose(next === undefined ? null : { kind: "finding", index: next });
  };

  if (transcript === null || spoken === null || transcript.segments.length === 0) {
    const silent = transcript !== null;
    if (!silent) return <NoWords encounter={encounter.id} recorded={audio?.duration_s ?? 0} />;
    return (
      <div className="m-auto max-w-md p-8 text-center">
        <Arch className="mx-auto size-12 text-ink-3" />
        <h2 className="mt-4 text-title font-semibold">{t("transcript.silentTitle")}</h2>
        <p className="mt-1 text-ink-2">{t("transcript.silentBody", { length: duration(transcript.duration_s) })}</p>
      </div>
    );
  }

  const finding = chosen === null ? undefined : findings[chosen];
  const restsOn = choice?.kind === "sentence" ? choice.sentence.findings : [];
  const ground = restsOn.flatMap(({ extraction: id, path }) => extractions.find((x) => x.id === id)?.findings.find((f) => f.path === path) ?? []);
  const lit =
    finding !== undefined
      ? evidenceWords(spoken, finding)
      : choice?.kind === "found"
        ? choice.spans
        : choice?.kind === "words"
        ? [choice.span]
        : ground.flatMap((f) => evidenceWords(spoken, f));
  const resting = choice?.kind === "words" ? findingsOn(by, choice.span) : null;

  return (
    <>
      {changes.error !== null && (
        <div className="border-b border-line px-6 py-2">
          <ErrorNotice error={changes.error} />
        </div>
      )}
      {changes.written !== null && (
        <div className="border-b border-line px-6 py-2">
          <Notice tone="good" title={t("transcript.exported", { file: changes.written })} onClose={changes.dismiss} />
        </div>
      )}
      <div className="grid min-h-0 flex-1 grid-rows-[auto_minmax(0,1fr)] lg:grid-cols-[minmax(0,1.08fr)_minmax(27rem,1fr)]">
      <div className={`flex min-h-0 flex-col max-lg:row-start-2 lg:row-span-2 ${reading ? "" : "max-lg:hidden"}`}>
      <TranscriptPane
        transcript={transcript}
        spoken={spoken}
        findings={findings}
        lit={lit}
        litKey={choice === null ? "" : `${shown?.id ?? ""} ${choice.turn} ${reading}`}
        scrollToLit={choice !== null && choice.kind !== "words"}
        onWords={(span) => {
          setSide("findings");
          setReading(false);
          choose({ kind: "words", span });
        }}
        editing={changes.editing}
        onExport={changes.write}
        heard={playback.playing ? playback.position : null}
        onHear={heard ? (word) => playback.play(word.start_s, null) : undefined}
        player={heard ? <Player encounter={encounter.id} audio={audio} playback={playback} /> : undefined}
      />
      </div>
        <SideTabs
          reading={reading}
          onRead={() => setReading(true)}
          side={side}
          note={note}
          undo={locked ? null : undo}
          onSide={(next) => {
            setReading(false);
            setSide(next);
            if (next !== side) setChoice(null);
          }}
        />
      <div className={`flex min-h-0 flex-col lg:col-start-2 lg:row-start-2 ${reading ? "max-lg:hidden" : "max-lg:row-start-2"}`}>
        {side === "findings" && noted.error !== null && (
          <div className="px-5 pt-4">
            <ErrorNotice error={noted.error} action={<Button onClick={noted.dismiss}>{t("visits.dismiss")}</Button>} />
          </div>
        )}
        {side === "findings" ? (
          <FindingsPane
            extractions={extractions}
            shown={shown}
            onShow={(id) => {
              setShownId(id);
              setChoice(null);
            }}
            chosen={chosen}
            resting={resting}
            onChoose={(index) => choose(index === null || index === chosen ? null : { kind: "finding", index })}
            review={note === undefined ? null : { decisions, decide: locked ? null : decide }}
            extraction={extraction}
          />
        ) : (
          <NotePane
            note={note}
            error={noted.error}
            busy={noted.busy}
            exported={noted.exported}
            chosen={choice?.kind === "sentence" ? choice.sentence : null}
            onChoose={(sentence) => choose(sentence === null ? null : { kind: "sentence", sentence })}
            onDecideNext={decideNext}
            onDraft={(template) => {
              const before = note?.draft?.template as NoteTemplate | undefined;
              if (before !== undefined && template !== undefined)
                did(t("undo.template"), () => noted.change({ kind: "draft", template: before }));
              noted.change({ kind: "draft", ...(template && { template }) });
            }}
            onEdit={(edit) => {
              const before = (note?.draft?.sections ?? []).map(({ key, sentences }) => ({ key, sentences }));
              did(t("undo.text"), () => noted.change({ kind: "save", edit: () => saved(before) }));
              noted.change({ kind: "save", edit });
            }}
            onRestore={() => noted.change({ kind: "restore" })}
            onDiscard={() => noted.change({ kind: "discard" })}
            onSign={(password) => noted.change({ kind: "sign", password })}
            onAmend={(reason) => noted.change({ kind: "amend", reason })}
            onExport={(format, version, evidence) => noted.export({ format, version, evidence })}
            onDismiss={noted.dismiss}
          />
        )}
      </div>
      </div>
    </>
  );
}

/** A visit without words: the way to the microphone, or from its recording to words. */
function NoWords({ encounter, recorded }: { encounter: string; recorded: number }) {
  const navigate = useNavigate();
  const { status, session } = useSession();
  const { jobs, ended, start, cancel } = useJobs();
  const here = (of: { kind: { name: string; encounter?: string }; user: string } | null) =>
    of !== null && of.kind.name === "transcribe" && of.kind.encounter === encounter && of.user === session.user_id;
  const job = jobs.find(here) ?? null;
  const cannot = job !== null || unusableModel(status, "speech") !== null;
  const has = recorded > 0;
  return (
    <div className="m-auto w-full max-w-xl space-y-5 p-8">
      {job !== null && (
        <JobCard
          title={t("jobs.transcribe")}
          progress={job.progress}
          waiting={t(job.waiting ? "jobs.waiting" : "jobs.starting")}
          stoppable
          cancelling={job.cancelling}
          onCancel={() => cancel(job.id)}
        />
      )}
      {ended !== null && here(ended) && ended.error !== null && <ErrorNotice error={ended.error} />}
      <div className="text-center">
        <Arch className="mx-auto size-12 text-ink-3" />
        <h2 className="mt-4 text-title font-semibold">{t(has ? "transcript.recordedTitle" : "transcript.emptyTitle")}</h2>
        <p className="mt-1 text-ink-2">
          {has ? t("transcript.recordedBody", { length: duration(recorded) }) : t("transcript.emptyBody")}
        </p>
        <div className="mt-5 flex justify-center gap-2">
          {has && (
            <Button
              look="primary"
              disabled={cannot}
              onClick={() => start({ name: "transcribe", encounter }, session.user_id)}
            >
              {t("transcript.transcribe")}
            </Button>
          )}
          <Button
            look={has ? "secondary" : "primary"}
            onClick={() => void navigate({ to: "/visits/$id/record", params: { id: encounter } })}
            icon={<Mic aria-hidden className="size-4.5" />}
          >
            {t("transcript.record")}
          </Button>
        </div>
      </div>
    </div>
  );
}
