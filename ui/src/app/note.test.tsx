import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { FakeOptions } from "@/ipc/fake";
import { seriousFaults } from "@/testing/axe";
import { openVisit } from "@/testing/window";

const row = (path: string) => document.querySelector<HTMLElement>(`[data-finding="${path}"]`)!;
const litMarks = () => [...document.querySelectorAll("mark[data-lit=true]")].map((mark) => mark.textContent);
const decided = (path: string) => row(path).querySelector("[data-decided]")?.getAttribute("data-decided") ?? null;
const PASSWORD = "a quiet walk at noon";

async function openNote(options: FakeOptions = {}) {
  const opened = await openVisit(options);
  await opened.user.click(screen.getByRole("button", { name: "Note" }));
  return opened;
}

/** Accepts every finding, as a person at the keyboard does. */
async function acceptAll({ user }: Awaited<ReturnType<typeof openVisit>>) {
  const refused = screen.getByRole("region", { name: "Not supported by the transcript" }).querySelectorAll("[data-finding]").length;
  const waiting = document.querySelectorAll("[data-finding]").length - refused;
  await user.keyboard("j");
  for (let done = 1; done <= waiting; done += 1) {
    await user.keyboard("a");
    await waitFor(() => expect(document.querySelectorAll("[data-decided=accept]")).toHaveLength(done));
  }
}

describe("a visit's note", () => {
  it("begins empty, takes the kind of document, and says what keeps it from being signed", async () => {
    const { user } = await openNote();
    expect(screen.getByRole("heading", { name: "No note yet" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.selectOptions(screen.getByLabelText("Kind of document"), "letter");
    await user.click(screen.getByRole("button", { name: "Begin the note" }));
    expect((await screen.findByLabelText<HTMLSelectElement>("Kind of document")).value).toBe("letter");
    const sign = screen.getByRole<HTMLButtonElement>("button", { name: "Sign" });
    expect(sign.disabled).toBe(true);
    expect(screen.getByRole("status").textContent).toBe("27 findings wait for a decision");
    expect(document.getElementById(sign.getAttribute("aria-describedby")!)?.textContent).toBe("27 findings wait for a decision");
    expect(await seriousFaults()).toEqual([]);
  });

  it("decides about findings by keys and buttons, one after the other", async () => {
    const { user, fake } = await openVisit();
    await user.keyboard("j");
    expect(row("/complaint").dataset["chosen"]).toBe("true");
    await user.keyboard("a");
    await waitFor(() => expect(decided("/complaint")).toBe("accept"));
    expect(row("/duration").dataset["chosen"]).toBe("true");
    await user.click(screen.getByRole("button", { name: "Reject" }));
    await waitFor(() => expect(decided("/duration")).toBe("reject"));
    await user.keyboard("e");
    const field = await screen.findByLabelText("What is right");
    await user.clear(field);
    await user.type(field, "dry cough at night{Enter}");
    await waitFor(() => expect(decided("/symptoms/0/name")).toBe("edit"));
    expect(row("/symptoms/0/name").textContent).toContain("dry cough at night");
    const said = fake.calls.filter((c) => c.name === "decide_findings").map((c) => c.payload);
    expect(said).toHaveLength(3);
    expect(said[2]).toMatchObject({ decisions: [{ path: "/symptoms/0/name", verdict: "edit", value: "dry cough at night" }] });
    await user.click(row("/duration"));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(decided("/duration")).toBe(null));
    // What nothing supports cannot be decided about.
    await user.click(row("/symptoms/5/name"));
    expect(screen.queryByRole("button", { name: "Accept" })).toBe(null);
    expect(await seriousFaults()).toEqual([]);
  });

  it("lights what a sentence rests on, and keeps the words that a person types", async () => {
    const { user, fake } = await openVisit();
    await user.click(row("/medications/1/name"));
    await user.keyboard("a");
    await waitFor(() => expect(decided("/medications/1/name")).toBe("accept"));
    await user.click(screen.getByRole("button", { name: "Note" }));
    await user.click(screen.getByRole("button", { name: "Begin the note" }));
    const plan = await screen.findByRole("region", { name: "Plan" });
    await user.click(within(plan).getByRole("button", { name: "Losartan." }));
    expect(litMarks()).toEqual(["losartan,"]);

    vi.useFakeTimers({ shouldAdvanceTime: true });
    await user.click(within(plan).getByRole("button", { name: "Change: Losartan." }));
    const field = screen.getByLabelText("Sentence");
    fireEvent.change(field, { target: { value: "Losartan, not ramipril." } });
    expect(fake.calls.some((c) => c.name === "save_note")).toBe(false);
    await vi.advanceTimersByTimeAsync(800);
    await waitFor(() => expect(fake.calls.filter((c) => c.name === "save_note")).toHaveLength(1));
    vi.useRealTimers();
    expect(document.activeElement).toBe(field);
    fireEvent.keyDown(field, { key: "Enter" });
    expect(await within(plan).findByText("Losartan, not ramipril.")).toBeTruthy();
    expect(within(plan).getByText("Your words")).toBeTruthy();
    const saved = fake.calls.findLast((c) => c.name === "save_note")!.payload as { sections: { key: string; sentences: unknown[] }[] };
    expect(saved.sections.find((s) => s.key === "plan")?.sentences).toEqual([
      { text: "Losartan, not ramipril.", findings: [{ extraction: expect.any(String), path: "/medications/1/name" }] },
    ]);

    await user.click(within(plan).getByRole("button", { name: "Add a sentence to Plan" }));
    await user.type(screen.getByRole("textbox", { name: "Add a sentence to Plan" }), "Seen with her son.{Enter}");
    expect(await within(plan).findByText("Seen with her son.")).toBeTruthy();
    await user.click(within(plan).getByRole("button", { name: "Take out: Seen with her son." }));
    await waitFor(() => expect(within(plan).queryByText("Seen with her son.")).toBe(null));
    expect(await seriousFaults()).toEqual([]);
  });

  it("signs with the password once all is decided, then only exports and amends", async () => {
    const opened = await openVisit();
    const { user, fake } = opened;
    await acceptAll(opened);
    await user.click(screen.getByRole("button", { name: "Note" }));
    await user.click(screen.getByRole("button", { name: "Begin the note" }));
    expect(await screen.findByText("Every finding is decided")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Sign" }));
    await user.type(screen.getByLabelText("Your password"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign version 1" }));
    expect(await screen.findByText("Name or password is wrong")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await user.click(screen.getByRole("button", { name: "Sign" }));
    await user.type(screen.getByLabelText("Your password"), PASSWORD);
    await user.click(screen.getByRole("button", { name: "Sign version 1" }));
    expect(await screen.findByText("Signed by Ada Lindqvist")).toBeTruthy();
    expect(fake.calls.findLast((c) => c.name === "sign_note")?.payload).toMatchObject({ seen: "seen 1" });
    expect(await screen.findByText("Signed")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Change: / })).toBe(null);
    expect(await seriousFaults()).toEqual([]);

    await user.click(screen.getByRole("button", { name: "Export" }));
    const forms = screen.getAllByRole("menuitem").map((i) => i.textContent);
    expect(forms).toEqual(["Copy as text", "Markdown", "PDF", "PDF with evidence", "Word (DOCX)", "FHIR R4 document"]);
    await user.click(screen.getByRole("menuitem", { name: "PDF with evidence" }));
    expect(await screen.findByText("Written to /home/ada/visit-note.pdf")).toBeTruthy();
    expect(fake.calls.findLast((c) => c.name === "export_note")?.payload).toMatchObject({ format: "pdf", version: 1, evidence: true });

    // Findings of a signed visit are read, not decided.
    await user.click(screen.getByRole("button", { name: "Findings" }));
    await user.click(row("/complaint"));
    expect(screen.queryByRole("button", { name: "Reject" })).toBe(null);
    await user.click(screen.getByRole("button", { name: "Note" }));
    await user.click(screen.getByRole("button", { name: "Amend" }));
    await user.type(screen.getByLabelText("Why is it amended?"), "a slip{Enter}");
    expect(await screen.findByText("Amendment: a slip")).toBeTruthy();
    expect(screen.getByText(/Draft of version 2 ·/)).toBeTruthy();
    // Thrown away only at the second word; what was signed is there again.
    await user.click(screen.getByRole("button", { name: "Discard the draft" }));
    expect(fake.calls.some((c) => c.name === "discard_note")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Discard your changes for good?" }));
    expect(await screen.findByText("Signed by Ada Lindqvist")).toBeTruthy();
  });
});
