import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ProcessProof } from "@/ipc/bindings.gen";
import { sealOf } from "@/features/sealing/seal";
import { seriousFaults } from "@/testing/axe";
import { openVisit, openWindow } from "@/testing/window";

const proof = (state: string, facts = ["read back"]): ProcessProof => ({ process: "engine", state, facts });

describe("the bar", () => {
  it("says who is signed in and as what, and lets them out", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("button", { name: /Signed in as Ada Lindqvist ?, ?Administrator/ }));
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("menuitem", { name: "Sign out" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeTruthy();
    // Leaving by oneself is no time-out.
    expect(screen.queryByText("Locked")).toBeNull();
  });

  it("opens the proof of the seal, process by process", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("button", { name: "Sealed off" }));
    expect(screen.getByText("seccomp: filter in force, no sockets")).toBeTruthy();
    expect(screen.getAllByText("enforced")).toHaveLength(2);
    expect(await seriousFaults()).toEqual([]);
  });

  it("claims no seal without proof", () => {
    expect(sealOf([])).toBe("unproven");
    expect(sealOf([proof("enforced", [])])).toBe("unproven");
    expect(sealOf([proof("enforced"), proof("not_enforced")])).toBe("open");
    expect(sealOf([proof("enforced")])).toBe("sealed");
    expect(sealOf([proof("enforced"), proof("for_tests")])).toBe("tests");
    expect(sealOf([proof("for_tests"), proof("not_enforced")])).toBe("open");
  });

  it("says in so many words that nothing proves the seal", async () => {
    const { user } = openWindow({ vault: "open", sealing: [] });
    await user.click(await screen.findByRole("button", { name: "Seal not proven" }));
    expect(screen.getByText(/the window claims none/)).toBeTruthy();
  });

  it("switches light and dark, and stores nothing", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByRole("button", { name: /Signed in as/ }));
    await user.click(screen.getByRole("menuitemradio", { name: "Dark" }));
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    await user.click(screen.getByRole("button", { name: /Signed in as/ }));
    await user.click(screen.getByRole("menuitemradio", { name: "As the system" }));
    expect(document.documentElement.dataset["theme"]).toBeUndefined();
    expect(localStorage.length + sessionStorage.length).toBe(0);
  });

  it("warns in the last minute and lets one stay", async () => {
    const { user, fake } = openWindow({ vault: "open" });
    await screen.findByRole("heading", { name: "Visits" });
    fake.idle(860);
    expect(await screen.findByText(/^Signing you off in \d+ s$/, {}, { timeout: 8_000 })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Stay signed in" }));
    expect(fake.calls.some((call) => call.name === "touch")).toBe(true);
  });
});

describe("open alerts", () => {
  it("stand in the bar for who reviews the log, until somebody looked at them", async () => {
    const { user } = openWindow({ vault: "open", role: "auditor" });
    await user.click(await screen.findByRole("link", { name: /^Log ?, 2 open alerts$/ }));
    await user.click(await screen.findByRole("tab", { name: /Alerts/ }));
    await user.click((await screen.findAllByRole("button", { name: "Explained" }))[0]!);
    expect(await screen.findByRole("link", { name: /^Log ?, 1 open alert$/ })).toBeTruthy();
  });

  it("are nobody else's", async () => {
    openWindow({ vault: "open", role: "clinician" });
    expect(await screen.findByRole("link", { name: "Log" })).toBeTruthy();
  });
});

describe("locking", () => {
  it("clears the window: no words of a visit stay in the page", async () => {
    const { fake } = await openVisit();
    expect(document.body.textContent).toContain("ramipril");
    fake.lock();
    await waitFor(() => expect(screen.getByRole("heading", { name: "Sign in" })).toBeTruthy(), { timeout: 15_000 });
    expect(screen.getByText("Locked")).toBeTruthy();
    expect(document.documentElement.outerHTML).not.toContain("ramipril");
    expect(document.documentElement.outerHTML).not.toContain("Hartley");
  });

  it("asks for the visit anew after signing in again", async () => {
    const { fake, user } = await openVisit();
    fake.lock();
    await waitFor(() => expect(screen.getByRole("heading", { name: "Sign in" })).toBeTruthy(), { timeout: 15_000 });
    const asked = () => fake.calls.filter((call) => call.name === "list_encounters").length;
    const before = asked();
    await user.type(screen.getByLabelText("Name"), "ada");
    await user.type(screen.getByLabelText("Password"), "a quiet walk at noon{Enter}");
    await screen.findByRole("heading", { name: "Visits" });
    expect(asked()).toBe(before + 1);
  });
});
