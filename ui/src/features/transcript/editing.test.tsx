import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit } from "@/testing/window";

const edits = (fake: { calls: { name: string; payload: unknown }[] }) =>
  fake.calls.filter((call) => call.name === "edit_transcript").map((call) => (call.payload as { edit: unknown }).edit);

const transcript = () => screen.getByRole("region", { name: "Transcript", description: /arrows/ });

describe("putting a transcript right", () => {
  it("names a turn with one click and all like it with one more", async () => {
    const { user, fake } = await openVisit();
    await user.click(within(transcript()).getAllByRole("button", { name: "Clinician" })[0]!);
    await user.type(screen.getByLabelText("Another name"), "Dr Lee{Enter}");
    const all = await within(transcript()).findByRole("button", { name: /Name all \d+ like it Dr Lee/ });
    expect(await seriousFaults()).toEqual([]);
    await user.click(all);
    expect(edits(fake)).toEqual([
      { kind: "speaker", segment: 0, label: "Dr Lee", all_alike: false },
      { kind: "speaker", segment: 2, label: "Dr Lee", all_alike: true },
    ]);
    expect(within(transcript()).queryByRole("button", { name: "Clinician" })).toBeNull();
    expect(within(transcript()).getAllByRole("button", { name: "Dr Lee" }).length).toBeGreaterThan(3);
  });

  it("changes the words of a segment, and leaves them on Escape", async () => {
    const { user, fake } = await openVisit();
    await user.click(screen.getByRole("button", { name: "Edit the words at 0:00" }));
    const field = screen.getByLabelText("Words of this segment");
    expect(await seriousFaults()).toEqual([]);
    await user.type(field, " Indeed.{Escape}");
    expect(edits(fake)).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Edit the words at 0:00" }));
    await user.clear(screen.getByLabelText("Words of this segment"));
    await user.type(screen.getByLabelText("Words of this segment"), "Good morning, Ms Hart.{Enter}");
    expect(edits(fake)).toEqual([{ kind: "text", segment: 0, text: "Good morning, Ms Hart." }]);
    expect(await screen.findByText("Hart.")).toBeTruthy();
  });

  it("writes the transcript to a file and says where", async () => {
    const { user } = await openVisit();
    await user.click(screen.getByRole("button", { name: "Export as…" }));
    await user.click(await screen.findByRole("menuitem", { name: /SubRip/ }));
    expect(await screen.findByText("Written to /home/ada/transcript.srt")).toBeTruthy();
  });
});
