import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

async function openTemplates() {
  const opened = openWindow({ vault: "open", role: "clinician" });
  await screen.findByRole("heading", { name: "Visits" });
  await opened.user.keyboard("{Control>}k{/Control}");
  await opened.user.click(await screen.findByRole("option", { name: /Note templates/ }));
  await screen.findByRole("form", { name: "Lay out" });
  return opened;
}

describe("note templates", () => {
  it("are laid out anew: a section added, renamed, moved, and what stands in it", async () => {
    const { user, fake } = await openTemplates();
    expect(await seriousFaults()).toEqual([]);
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Save the template" }).disabled).toBe(true);
    await user.click(screen.getByRole("button", { name: "Add a section" }));
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Save the template" }).disabled).toBe(true);
    await user.type(screen.getByLabelText("Heading of section 6"), "For the pharmacist");
    await user.click(screen.getByRole("button", { name: "Move up: For the pharmacist" }));
    await user.selectOptions(screen.getByLabelText("Changes of medication"), "For the pharmacist");
    await user.click(screen.getByRole("button", { name: "Save the template" }));
    expect(await screen.findByText("Saved. New notes are laid out so.")).toBeTruthy();
    const saved = fake.calls.find((c) => c.name === "save_layout")!.payload as { layout: { sections: { title: string; topics: string[] }[] } };
    expect(saved.layout.sections.map((s) => s.title)).toEqual([
      "Subjective",
      "Objective",
      "Assessment",
      "Plan",
      "For the pharmacist",
      "Further findings",
    ]);
    expect(saved.layout.sections.map((s) => s.topics).slice(3, 5)).toEqual([["plan"], ["treatment"]]);
    expect(within(screen.getByRole("button", { name: /SOAP/ })).getByText("yours")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "As it came" }));
    expect(await screen.findByText("Saved. New notes are laid out so.")).toBeTruthy();
    expect(screen.queryByText("yours")).toBeNull();
  });

  it("lose nothing with a section: what stood in it goes to its neighbour", async () => {
    const { user } = await openTemplates();
    await user.click(screen.getByRole("button", { name: "Take out: Objective" }));
    const place = screen.getByLabelText<HTMLSelectElement>("Examination");
    expect(place.selectedOptions[0]!.textContent).toBe("Subjective");
  });

  it("say in a note that is begun that the template is another by now", async () => {
    const { user, fake } = await openVisit();
    await user.click(screen.getByRole("button", { name: "Note" }));
    await user.click(await screen.findByRole("button", { name: "Begin the note" }));
    await screen.findByText(/Draft of version 1/);
    expect(screen.queryByText(/changed since this note was begun/)).toBeNull();
    await user.click(screen.getByRole("link", { name: "Edit templates" }));
    await user.type(await screen.findByLabelText("Heading of section 4"), " and more");
    await user.click(screen.getByRole("button", { name: "Save the template" }));
    await screen.findByText("Saved. New notes are laid out so.");
    await user.click(screen.getByRole("link", { name: "Visits" }));
    await user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
    await user.click(await screen.findByRole("button", { name: "Note" }));
    expect(await screen.findByText("Your template changed since this note was begun.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Lay it out anew" }));
    const drafts = fake.calls.filter((c) => c.name === "draft_note").map((c) => c.payload);
    expect(drafts.at(-1)).toMatchObject({ template: "soap" });
  });
});

describe("a note's lists", () => {
  it("show drugs with what becomes of them, and light what they rest on", async () => {
    const { user } = await openVisit();
    await user.keyboard("j");
    for (let i = 0; i < 27; i += 1) await user.keyboard("a");
    await user.click(screen.getByRole("button", { name: "Note" }));
    await user.click(await screen.findByRole("button", { name: "Begin the note" }));
    const drugs = await screen.findByRole("region", { name: "Medications" });
    const drug = within(drugs).getAllByRole("button")[0]!;
    expect(drug.textContent).toMatch(/^(Start|Stop|Change|Continue|Not said)/);
    await user.click(drug);
    expect(drug.getAttribute("aria-pressed")).toBe("true");
    expect(document.querySelectorAll("mark[data-lit=true]").length).toBeGreaterThan(0);
    expect(await seriousFaults()).toEqual([]);
  });
});
