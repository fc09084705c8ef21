import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";
import type { FakeOptions } from "@/ipc/fake";
import { TRANSCRIPT } from "@/ipc/fake-visit";

const button = (name: string | RegExp) => screen.findByRole<HTMLButtonElement>("button", { name });
const payloads = (fake: { calls: { name: string; payload: unknown }[] }, name: string) =>
  fake.calls.filter((call) => call.name === name).map((call) => call.payload);

/** A new visit whose patient agreed, at the microphone. */
async function atTheMicrophone(options: FakeOptions = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await button("New visit"));
  await opened.user.type(await screen.findByLabelText("Record number or pseudonym"), "4711");
  await opened.user.click(screen.getByLabelText("Given"));
  await opened.user.click(await button("Open and go to the microphone"));
  await screen.findByRole("region", { name: "Ready" });
  return opened;
}

async function underWay(options: FakeOptions = {}) {
  const opened = await atTheMicrophone(options);
  await opened.user.click(await button("Start recording"));
  await screen.findByText("Recording", { selector: "[data-recording]" });
  return opened;
}

describe("a new visit", () => {
  it("asks who and what for, and what the patient said", async () => {
    const { user, fake } = openWindow({ vault: "open" });
    await user.click(await button("New visit"));
    expect(await screen.findByRole("heading", { name: "New visit" })).toBeTruthy();
    expect((await button("Open the visit")).disabled).toBe(true);
    await user.type(screen.getByLabelText("Record number or pseudonym"), "4711");
    await user.type(screen.getByLabelText("Purpose"), "first consultation");
    await user.click(screen.getByLabelText("Given"));
    await user.click(screen.getByLabelText("A guardian"));
    await user.click(screen.getByLabelText("In writing"));
    expect(await seriousFaults()).toEqual([]);
    await user.click(await button("Open and go to the microphone"));
    await screen.findByRole("heading", { name: "4711" });
    expect(payloads(fake, "create_encounter")).toEqual([
      {
        title: "4711",
        purpose: "first consultation",
        template: null,
        consent: { decision: "given", by: "a guardian", how: "written" },
      },
    ]);
    expect(screen.getByText("Consent given by a guardian, in writing")).toBeTruthy();
  });

  it("keeps a refusal, and offers no microphone then", async () => {
    const { user, fake } = openWindow({ vault: "open" });
    await user.click(await button("New visit"));
    await user.type(await screen.findByLabelText("Record number or pseudonym"), "4711");
    await user.click(screen.getByLabelText("Declined"));
    expect(screen.getByText(/the refusal kept with it/)).toBeTruthy();
    await user.click(await button("Open the visit"));
    await user.click(await button("Record"));
    expect(await screen.findByText("Declined by the patient. This visit is not recorded.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Start recording" })).toBeNull();
    expect(payloads(fake, "start_recording")).toEqual([]);
  });

  it("asks before the microphone opens when nobody was asked yet", async () => {
    const { user, fake } = openWindow({ vault: "open" });
    await user.click(await button("New visit"));
    await user.type(await screen.findByLabelText("Record number or pseudonym"), "4711");
    await user.click(await button("Open the visit"));
    await user.click(await button("Record"));
    await screen.findByRole("heading", { name: "What did the patient say?" });
    expect(payloads(fake, "microphone_level")).toEqual([]);
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByLabelText("Given"));
    await user.click(await button("Note it"));
    expect(await screen.findByRole("region", { name: "Ready" })).toBeTruthy();
  });
});

describe("the microphone", () => {
  it("offers every microphone, the one used last first, with its level", async () => {
    const { user, fake } = await atTheMicrophone();
    const picker = await screen.findByLabelText<HTMLSelectElement>("Microphone");
    await waitFor(() => expect(picker.value).toBe("alsa:hw:1,0"));
    const level = screen.getByRole("meter", { name: "Level" });
    await waitFor(() => expect(level.getAttribute("aria-valuetext")).toBe("-28 dB"));
    expect(await seriousFaults()).toEqual([]);
    await user.selectOptions(picker, "alsa:default");
    await user.click(await button("Start recording"));
    await screen.findByText("Recording", { selector: "[data-recording]" });
    expect(payloads(fake, "start_recording")).toMatchObject([{ device: "alsa:default" }]);
  });

  it("says that there is none", async () => {
    await atTheMicrophone({ microphones: [] });
    expect(await screen.findByText("No microphone is connected")).toBeTruthy();
  });
});

describe("a recording under way", () => {
  it("shows state, time and level; pauses, goes on, marks and stops", async () => {
    const { user, fake } = await underWay();
    expect(await seriousFaults()).toEqual([]);
    await user.click(await button("Mark this moment"));
    expect(await screen.findByText("1 moment marked")).toBeTruthy();
    await user.click(await button("Pause"));
    expect(await screen.findByText("Paused", { selector: "[data-recording]" })).toBeTruthy();
    await user.click(await button("Go on"));
    await screen.findByText("Recording", { selector: "[data-recording]" });
    await user.click(await button("Stop"));
    expect(await screen.findByText("Recorded")).toBeTruthy();
    for (const name of ["mark_recording", "pause_recording", "resume_recording", "stop_recording"]) {
      expect(payloads(fake, name).length, name).toBe(1);
    }
    await user.click(await button("Transcribe now"));
    expect(await screen.findByRole("region", { name: "Transcript" }, { timeout: 10_000 })).toBeTruthy();
  });

  it("warns in words, and waits for a lost microphone", async () => {
    const { fake } = await underWay({ recordingWarnings: ["clipping", "low_disk"] });
    expect(await screen.findByText("Too loud. Move the microphone away, or turn it down.")).toBeTruthy();
    expect(screen.getByText("The disk is nearly full.")).toBeTruthy();
    fake.recorder.lose();
    expect(await screen.findByText("Waiting for a microphone", { selector: "[data-recording]" })).toBeTruthy();
    expect(await screen.findByText(/The microphone is gone/)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });

  it("shows what is said: final lines, and grey ones that may still change", async () => {
    const { fake } = await underWay();
    const text = await screen.findByRole("region", { name: "Live text" });
    await waitFor(() => expect(text.querySelectorAll("[data-live=final]").length).toBeGreaterThan(2), { timeout: 5_000 });
    const final = [...text.querySelectorAll("[data-live=final]")].map((line) => line.lastChild?.textContent);
    expect(final.slice(0, 3)).toEqual(TRANSCRIPT.segments.slice(0, 3).map((s) => s.text));
    const asked = (payloads(fake, "live_text") as { from: number }[]).map((p) => p.from);
    expect(asked.slice(0, 3)).toEqual([0, 1, 2]);
    expect(payloads(fake, "start_recording")).toMatchObject([{ live: true }]);
    expect(await seriousFaults()).toEqual([]);
  });

  it.each([
    ["off", /no live text: the speech model is missing/],
    ["forgotten", /ended with the session/],
  ])("says why there is no live text (%s)", async (live, words) => {
    await underWay({ live });
    expect(await screen.findByText(words)).toBeTruthy();
    expect(document.querySelectorAll("[data-live]").length).toBe(0);
  });

  it("is shown in the bar wherever one is, and leads back", async () => {
    const { user } = await underWay();
    await user.click(screen.getByRole("link", { name: /^Log/ }));
    await user.click(await button(/^Recording \d/));
    expect(await screen.findByRole("region", { name: "Recording" })).toBeTruthy();
  });

  it("goes on behind the lock, where it shows its state, pause and stop and nothing else", async () => {
    const { user, fake } = await underWay();
    fake.lock();
    const card = await screen.findByRole("region", { name: "A recording goes on" }, { timeout: 10_000 });
    expect(screen.getByRole("heading", { name: "Sign in" })).toBeTruthy();
    expect(document.body.textContent).not.toContain("4711");
    expect(within(card).getAllByRole("button").map((b) => b.textContent)).toEqual(["Pause", "Stop"]);
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(card).getByRole("button", { name: "Pause" }));
    expect(await within(card).findByText(/^Paused/)).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Stop" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "A recording goes on" })).toBeNull());
  });
});

describe("after a crash", () => {
  it("says what was kept, and leads to it", async () => {
    const row = { recording_id: "rec-1", kept_s: 2827, after_a_crash: true, verdict: "whole", refused: [] };
    const { user } = openWindow({
      vault: "open",
      recovered: [{ ...row, encounter_id: "enc-01JD8ZP1M0A7Y2K4T5V6B8N001" }],
    });
    expect(await screen.findByText("A recording was kept")).toBeTruthy();
    expect(screen.getByText("It broke off; 47 min 7 s of it are kept.")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByText("A recording was kept")).toBeNull();
  });
});

describe("hearing a visit", () => {
  it("plays from the word that is clicked, shows where the voice is, and stops", async () => {
    const { user, fake } = await openVisit();
    const player = await screen.findByRole("region", { name: "Playback" });
    const word = document.querySelector<HTMLElement>("[data-word='3']")!;
    await user.click(word);
    await waitFor(() => expect(payloads(fake, "play_span").length).toBe(1));
    const [payload] = payloads(fake, "play_span") as { from_s: number }[];
    expect(payload!.from_s).toBeGreaterThan(0);
    await user.click(await within(player).findByRole("button", { name: "Stop" }));
    await within(player).findByRole("button", { name: "Play from here" });
    expect(payloads(fake, "stop_playback").length).toBe(1);
    expect(await seriousFaults()).toEqual([]);
  });
});
