import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

describe("the tray of jobs", () => {
  it("shows work under way from any screen, and stops it", async () => {
    const { user, fake } = await openVisit({ step: 40 });
    await user.click(screen.getByRole("button", { name: "Extract again" }));
    await user.click(await screen.findByRole("button", { name: "Run the extraction" }));
    await user.click(screen.getByRole("link", { name: /^Log/ }));
    await user.click(await screen.findByRole("button", { name: /Work under way/ }));
    const tray = await screen.findByRole("dialog", { name: "Work" });
    expect(within(tray).getByText("Extracting findings")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(tray).getByRole("button", { name: "Cancel: Extracting findings" }));
    expect(await within(tray).findByText("Cancelled")).toBeTruthy();
    expect(fake.calls.find((c) => c.name === "cancel_job")!.payload).toEqual({ command: "extract_encounter" });
    await user.click(within(tray).getByRole("button", { name: "Clear" }));
    await waitFor(() => expect(within(tray).queryByText("Cancelled")).toBeNull());
  });

  it("puts a second piece of work behind the first, where it can be taken out again", async () => {
    const { user, fake } = openWindow({ vault: "open", step: 60 });
    await user.click(await screen.findByRole("button", { name: /Cough for two weeks/ }));
    await user.click(await screen.findByRole("button", { name: "Extract again" }));
    await user.click(await screen.findByRole("button", { name: "Run the extraction" }));
    await user.click(screen.getAllByRole("link", { name: "Visits" })[0]!);
    await user.click(await screen.findByRole("button", { name: /Knee pain/ }));
    await user.click(await screen.findByRole("button", { name: "Run the extraction" }));
    await user.click(await screen.findByRole("button", { name: /Work under way/ }));
    const tray = await screen.findByRole("dialog", { name: "Work" });
    expect(await within(tray).findByText("Waits its turn")).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "extract_encounter")).toHaveLength(1);
    await user.click(within(tray).getAllByRole("button", { name: "Cancel: Extracting findings" })[1]!);
    expect(within(tray).queryByText("Waits its turn")).toBeNull();
    expect(fake.calls.some((c) => c.name === "cancel_job")).toBe(false);
  });
});
