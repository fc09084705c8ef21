import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

describe("sharing a visit", () => {
  it("gives a visit to a colleague and takes it back", async () => {
    const { user, fake } = await openVisit();
    await user.click(screen.getByRole("button", { name: "Share" }));
    expect(await screen.findByText("Nobody but its owner and the administrators.")).toBeTruthy();
    await user.selectOptions(await screen.findByLabelText("Colleague"), "Chidi Okafor");
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Share the visit" }));
    const back = await screen.findByRole("button", { name: "Take it back from Chidi Okafor" });
    expect(fake.calls.find((c) => c.name === "share_encounter")?.payload).toMatchObject({ give: true });
    await user.click(back);
    await waitFor(() => expect(screen.queryByRole("button", { name: /Take it back/ })).toBeNull());
  });

  it("says whose a visit is that is not one's own", async () => {
    openWindow({ vault: "open" });
    expect((await screen.findByText("Chidi Okafor’s")).closest("button")!.textContent).toContain("Diabetes review");
  });
});
