import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { IpcError } from "@/ipc/errors";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const importButton = () => screen.findByRole<HTMLButtonElement>("button", { name: "Import a recording" });

describe("the list of visits", () => {
  it("shows visits by day with state, length and findings", async () => {
    openWindow({ vault: "open", now: new Date(2026, 10, 23, 12, 0) });
    const row = await screen.findByRole("button", { name: /Cough for two weeks/ });
    expect(within(row).getByText("Draft")).toBeTruthy();
    expect(within(row).getByText("30 findings")).toBeTruthy();
    expect(within(row).getByText("09:12")).toBeTruthy();
    const order = screen.getAllByRole("button", { name: /findings|none yet/ }).map((b) => b.textContent?.slice(5, 9));
    expect(order.slice(0, 2)).toEqual(["Coug", "Knee"]);
    expect(await seriousFaults()).toEqual([]);
  });

  it("teaches the next step when it is empty", async () => {
    openWindow({ vault: "open", visits: "none" });
    expect(await screen.findByRole("heading", { name: "No visits yet" })).toBeTruthy();
    expect((await importButton()).disabled).toBe(false);
    expect(await seriousFaults()).toEqual([]);
  });

  it("imports a recording, says how far it is, and leads to the visit", async () => {
    const { user } = openWindow({ vault: "open", visits: "none", step: 100 });
    await user.click(await importButton());
    const card = await screen.findByRole("region", { name: "Importing a recording" });
    await waitFor(() => expect(within(card).getByRole("status").textContent).toMatch(/^Transcribing · 0:\d\d of 1:\d\d\d+ %$/));
    expect(screen.getByRole("button", { name: /Work under way: ?Transcribing/ })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Open the visit" }, { timeout: 15_000 }));
    expect(await screen.findByRole("heading", { name: "sample-visit.flac" })).toBeTruthy();
  });

  it("imports what is dropped on the window, one file at a time", async () => {
    const { fake } = openWindow({ vault: "open" });
    await importButton();
    const drop = (detail: string) => act(() => void window.dispatchEvent(new CustomEvent("cloister-drop", { detail })));
    const imports = () => fake.calls.filter((call) => call.name === "import_audio").length;
    drop("folder");
    expect(imports()).toBe(0);
    drop("several");
    expect(await screen.findByText(/One at a time, please/)).toBeTruthy();
    expect(imports()).toBe(0);
    drop("file");
    await waitFor(() => expect(imports()).toBe(1));
    expect(screen.queryByText(/One at a time, please/)).toBeNull();
    drop("file");
    expect(imports()).toBe(1);
  });

  it("says what was wrong with a file that could be read all the same", async () => {
    const { user } = openWindow({ vault: "open", warnings: ["the file ends early"] });
    await user.click(await importButton());
    expect(await screen.findByText("the file ends early")).toBeTruthy();
  });

  it("can be cancelled, and says what was kept", async () => {
    const { user, fake } = openWindow({ vault: "open", step: 30 });
    await user.click(await importButton());
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Cancelled");
    expect(fake.calls.some((call) => call.name === "cancel_job")).toBe(true);
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("says nothing when no file was chosen", async () => {
    const { user } = openWindow({ vault: "open", chooserCancelled: true });
    const button = await importButton();
    await user.click(button);
    await waitFor(() => expect(button.disabled).toBe(false));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByText("The recording is transcribed")).toBeNull();
  });

  it("keeps an import's error until it is read, wherever one went meanwhile", async () => {
    const fail = { import_audio: new IpcError("audio_unreadable", { file: "x.wav", fault: "no audio track" }) };
    const { user } = openWindow({ vault: "open", fail });
    await user.click(await importButton());
    await user.click(screen.getByRole("link", { name: /^Log/ }));
    await screen.findByRole("heading", { name: "Log" });
    await user.click(screen.getByRole("link", { name: "Visits" }));
    expect((await screen.findByRole("alert")).textContent).toContain("x.wav: no audio track");
  });

  it("says beforehand that the speech model is missing", async () => {
    openWindow({ vault: "open", missingModel: true });
    expect(await screen.findByText("The speech model whisper-base-q8_0 is missing")).toBeTruthy();
    expect((await importButton()).disabled).toBe(true);
  });

  it("offers to try again when the list cannot be read", async () => {
    openWindow({ vault: "open", fail: { list_encounters: new IpcError("audit_unavailable") } });
    expect((await screen.findByRole("alert")).textContent).toContain("Without its line in the log no act is done");
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });
});
