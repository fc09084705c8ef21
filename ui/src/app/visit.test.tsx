import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { IpcError } from "@/ipc/errors";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

const row = (path: string) => document.querySelector<HTMLElement>(`[data-finding="${path}"]`)!;
const litMarks = () => [...document.querySelectorAll("mark[data-lit=true]")].map((mark) => mark.textContent);
const litRows = () => [...document.querySelectorAll<HTMLElement>("[data-finding][data-lit=true]")].map((r) => r.dataset["finding"]);
const mark = (words: RegExp) => screen.getByRole("button", { name: words });

describe("one visit", () => {
  it("shows segments with their moments and speakers, and findings by field", async () => {
    await openVisit();
    const transcript = screen.getByRole("region", { name: "Transcript", description: /arrows/ });
    expect(within(transcript).getAllByText("Clinician").length).toBeGreaterThan(3);
    expect(within(transcript).getByText("0:04")).toBeTruthy();
    // The title that the schema gives, and one made of the field's name.
    expect(screen.getByRole("region", { name: "Symptoms, asked and told" })).toBeTruthy();
    expect(screen.getByRole("region", { name: "Family history" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });

  it("lights the evidence of the chosen finding, scrolls to it, and says why", async () => {
    const scrolled = vi.spyOn(Element.prototype, "scrollIntoView");
    const { user } = await openVisit();
    await user.click(row("/medications/0/name"));
    expect(litMarks()).toEqual(["ramipril", "ramipril"]);
    expect(scrolled.mock.contexts.some((element) => element instanceof HTMLElement && element.tagName === "MARK")).toBe(true);
    expect(row("/medications/0/name").getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByText("Confidence, computed")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(row("/medications/0/name"));
    expect(litMarks()).toEqual([]);
  });

  it("lights the findings that rest on chosen words", async () => {
    const { user } = await openVisit();
    // The diastolic value rests on a part of the words that the systolic one rests on.
    await user.click(mark(/^ninety-two,/));
    expect(litRows()).toEqual(["/examination/systolic", "/examination/diastolic"]);
    expect(screen.getByText("2 findings rest on these words")).toBeTruthy();
  });

  it("lights the findings on words selected with the mouse", async () => {
    await openVisit();
    const word = (n: number) => document.querySelector(`[data-word="${n}"]`)!.firstChild!;
    const selection = window.getSelection()!;
    // "cough for about two weeks" of the second line.
    selection.setBaseAndExtent(word(12), 0, word(16), 5);
    fireEvent.mouseUp(screen.getByRole("region", { name: "Transcript", description: /arrows/ }));
    expect(litRows()).toEqual(["/complaint", "/duration"]);
    selection.removeAllRanges();
  });

  it("says so when nothing rests on the selected words", async () => {
    await openVisit();
    const word = (n: number) => document.querySelector(`[data-word="${n}"]`)!.firstChild!;
    const selection = window.getSelection()!;
    selection.setBaseAndExtent(word(0), 0, word(1), 7);
    fireEvent.mouseUp(screen.getByRole("region", { name: "Transcript", description: /arrows/ }));
    expect(screen.getByText("No finding rests on these words")).toBeTruthy();
    selection.removeAllRanges();
  });

  it("makes support and assertion two chips, and unsupported and negated unlike the rest", async () => {
    await openVisit();
    const chips = (path: string) => [...row(path).querySelectorAll<HTMLElement>("[data-chip]")].map((c) => c.dataset["chip"]);
    expect(chips("/complaint")).toEqual(["present", "verbatim"]);
    expect(chips("/symptoms/1/name")).toEqual(["negated", "verbatim"]);
    expect(chips("/smoking")).toEqual(["historical", "inferred"]);
    // An unsupported value says nothing about the patient: it has no assertion, and stands apart.
    expect(chips("/examination/temperature")).toEqual(["unsupported"]);
    const refused = screen.getByRole("region", { name: "Not supported by the transcript" });
    expect(refused.querySelectorAll("[data-finding]")).toHaveLength(3);
    expect(refused.contains(row("/examination/temperature"))).toBe(true);
    expect(row("/symptoms/1/name").querySelector("[data-chip=negated] span")!.className).toContain("bg-ink-2");
    expect(mark(/^No fever,/).className).toContain("border-dashed");
    expect(mark(/^dry cough,/).className).not.toContain("border-dashed");
  });

  it("shows where the words speak against a refused value", async () => {
    const { user } = await openVisit();
    await user.click(row("/symptoms/5/name"));
    expect(litMarks()).toEqual(["Dry, mostly."]);
    expect(screen.getByText("The words here speak against it.")).toBeTruthy();
    expect(screen.getByText("every sentence denies it")).toBeTruthy();
    expect(mark(/^Dry, mostly/).className).toContain("border-warn");
  });

  it("goes through the findings with J and K in the order shown, and lets go with Escape", async () => {
    const { user } = await openVisit();
    const chosen = () => document.querySelector<HTMLElement>("[data-chosen=true]")?.dataset["finding"];
    await user.keyboard("j");
    expect(chosen()).toBe("/complaint");
    await user.keyboard("jjjj");
    expect(chosen()).toBe("/symptoms/1/name");
    expect(litMarks()).toEqual(["No fever,"]);
    expect(document.activeElement).toBe(row("/symptoms/1/name"));
    await user.keyboard("k");
    expect(chosen()).toBe("/symptoms/0/when");
    await user.keyboard("{Escape}");
    expect(chosen()).toBeUndefined();
    await user.keyboard("k");
    expect(chosen()).toBe("/examination/temperature");
    expect(litMarks()).toEqual([]);
    expect(screen.getByText("No words in the transcript carry this value.")).toBeTruthy();
  });

  it("walks the evidence with the arrow keys from one tab stop", async () => {
    const { user } = await openVisit();
    expect(document.querySelectorAll('mark[tabindex="0"]')).toHaveLength(1);
    mark(/^cough: /).focus();
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(document.activeElement?.textContent).toBe("about two weeks"));
    expect(litRows()).toEqual(["/duration"]);
  });

  it("runs an extraction with the chosen schema and shows what it found", async () => {
    const { user, fake } = openWindow({ vault: "open", step: 60 });
    await user.click(await screen.findByRole("button", { name: /Knee pain/ }));
    await user.click(await screen.findByRole("radio", { name: /Medication list/ }));
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Run the extraction" }));
    const card = await screen.findByRole("region", { name: "Extracting findings" });
    await waitFor(() => expect(within(card).getByRole("status").textContent).toMatch(/Writing findings · \d+ of at most 640 tokens/));
    await waitFor(() => expect(screen.getByText("27 supported, 3 not")).toBeTruthy(), { timeout: 15_000 });
    expect(fake.calls.find((call) => call.name === "extract_encounter")?.payload).toMatchObject({ schema: "medication-list@1" });
    expect(screen.getByText("Complete")).toBeTruthy();
  });

  it("tells how to add a schema when the library is empty", async () => {
    const { user } = openWindow({ vault: "open", schemas: "none" });
    await user.click(await screen.findByRole("button", { name: /Knee pain/ }));
    expect(await screen.findByText("cloister schema add FILE --name NAME")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Run the extraction" })).toBeNull();
  });

  it("says in plain words that an extraction failed, and what was kept", async () => {
    const { user } = openWindow({ vault: "open", fail: { extract_encounter: new IpcError("engine_failed", {}, "inc-7") } });
    await user.click(await screen.findByRole("button", { name: /Knee pain/ }));
    await user.click(await screen.findByRole("button", { name: "Run the extraction" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The engine ended unexpectedly");
    expect(alert.textContent).toContain("Incident inc-7");
  });

  it("says when a visit has no words", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("button", { name: /Vaccination/ }));
    expect(await screen.findByRole("heading", { name: "No transcript yet" })).toBeTruthy();
  });
});
