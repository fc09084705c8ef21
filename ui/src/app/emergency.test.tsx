import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";

describe("another's visit in an emergency", () => {
  it("is found by the whole number, asks for a reason and the password, and says until when", async () => {
    const { user, fake } = openWindow({ vault: "open", role: "clinician", stepUp: true });
    await user.click(await screen.findByRole("button", { name: "Emergency access" }));
    const find = screen.getByRole<HTMLButtonElement>("button", { name: "Find the visits" });
    await user.type(screen.getByLabelText("Patient’s record number"), "qx 1043");
    expect(find.disabled).toBe(true);
    await user.selectOptions(screen.getByLabelText("Reason"), "owner_unreachable");
    expect(await seriousFaults()).toEqual([]);
    await user.click(find);
    await user.type(await screen.findByLabelText("Password"), `${PASSWORD}{Enter}`);
    await user.click(await screen.findByRole("button", { name: "Open for an hour" }));
    expect(await screen.findByText(/Emergency, until/)).toBeTruthy();
    expect(fake.calls.find((c) => c.name === "break_glass")?.payload).toMatchObject({ reason: "owner_unreachable" });
    // What is not one's own is not shared on.
    expect(screen.queryByRole("button", { name: "Share" })).toBeNull();
  });

  it("is offered to clinicians alone", async () => {
    openWindow({ vault: "open" });
    await screen.findByRole("heading", { name: "Visits" });
    await waitFor(() => expect(screen.queryByRole("button", { name: "Emergency access" })).toBeNull());
  });
});
