import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";

async function open(page: string, options: Parameters<typeof openWindow>[0] = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await screen.findByRole("link", { name: "Administration" }));
  if (page !== "People" && screen.queryByRole("heading", { name: page, level: 1 }) === null) {
    await opened.user.click(await screen.findByRole("link", { name: page }));
  }
  await screen.findByRole("heading", { name: page, level: 1 });
  return opened;
}

describe("access review", () => {
  it("says who may see what, and an emergency is reviewed in it", async () => {
    const { user } = await open("Access review", { emergency: true });
    const table = await screen.findByRole("table");
    expect(within(table).getByText("Tom Birch").closest("tr")!.textContent).toContain("63 + 2 given");
    expect(screen.getByText("QX 1043").closest("li")!.textContent).toContain("Tom Birch");
    const one = await screen.findByRole("article", { name: "Chidi Okafor opened another’s visit" });
    expect(one.textContent).toContain("Whose visit it is cannot be reached");
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(one).getByRole("button", { name: "Explained" }));
    await waitFor(() => expect(one.textContent).toContain("Ada Lindqvist: Explained"));
  });

  it("is an auditor's too, and the only page of Administration for them", async () => {
    await open("Access review", { role: "auditor" });
    expect(screen.queryByRole("link", { name: "Policy" })).toBeNull();
  });
});

describe("policy", () => {
  it("is changed key by key, refuses what is out of bounds, and tells its history", async () => {
    const { user } = await open("Policy");
    const minutes = await screen.findByLabelText("Minutes until auto-logoff");
    // Every key has words, but for those of the page of models, which are no settings to type.
    expect(screen.queryByText(/^[a-z]+_[a-z_]+$|^models$/)).toBeNull();
    expect(await seriousFaults()).toEqual([]);
    await user.clear(minutes);
    await user.type(minutes, "90{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("from 1 to 60");
    await user.clear(minutes);
    await user.type(minutes, "20{Enter}");
    const history = within(await screen.findByRole("region", { name: "What was changed" }));
    expect((await history.findByText("15 → 20")).closest("li")!.textContent).toContain("Minutes until auto-logoff");
    await user.selectOptions(screen.getByLabelText("Second factor"), "required");
    await user.click(screen.getByRole("button", { name: "Set Second factor" }));
    expect(await history.findByText("Optional → Required")).toBeTruthy();
  });
});

describe("a policy that two administrators change", () => {
  const BENS = { key: "session_timeout_minutes", old: "15", new: "30", by: "Ben Osei", at: "2026-11-21T09:14:00.000Z", own: false };

  it("waits for another where one proposes it", async () => {
    const { user, fake } = await open("Policy", { proposals: [{ ...BENS, key: "backup_keep", old: "14", new: "7" }] });
    const attempts = await screen.findByLabelText("Failed sign-ins until a name waits");
    await user.clear(attempts);
    await user.type(attempts, "4{Enter}");
    const waiting = within(await screen.findByRole("region", { name: "Waiting for a second administrator" }));
    const own = (await waiting.findByText("5 → 4")).closest("li")!;
    expect(own.textContent).toContain("You proposed it");
    expect(within(own).queryByRole("button")).toBeNull();
    expect((attempts as HTMLInputElement).value).toBe("5");
    expect(screen.getByText(/^Proposed: 4/)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    expect(fake.calls.filter((c) => c.name === "set_policy")).toHaveLength(1);
  });

  it("is decided by the other, with the password again", async () => {
    const { user, fake } = await open("Policy", { stepUp: true, proposals: [BENS, { ...BENS, key: "policy_approval", old: "two", new: "one" }] });
    await user.click(await screen.findByRole("button", { name: "Approve: Minutes until auto-logoff 30" }));
    await user.type(await screen.findByLabelText("Password"), `${PASSWORD}{Enter}`);
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Minutes until auto-logoff").value).toBe("30"));
    await user.click(screen.getByRole("button", { name: /^Reject: Administrators/ }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Waiting for a second administrator" })).toBeNull());
    expect(screen.getByLabelText<HTMLSelectElement>("Administrators that a change here takes").value).toBe("two");
    expect(fake.calls.filter((c) => c.name === "decide_policy_proposal").map((c) => c.payload)).toEqual([
      { key: "session_timeout_minutes", value: "30", approve: true },
      { key: "session_timeout_minutes", value: "30", approve: true },
      { key: "policy_approval", value: "one", approve: false },
    ]);
  });
});

describe("rotating keys", () => {
  it("is offered when somebody is disabled, says what it cannot undo, and ends the session", async () => {
    const { user, fake } = await open("People", { stepUp: true });
    await user.click(await screen.findByRole("button", { name: "What to do with Tom Birch" }));
    await user.click(await screen.findByRole("menuitem", { name: "Disable" }));
    const offer = await screen.findByRole("region", { name: "New keys for the stores" });
    await waitFor(() => expect(offer.textContent).toContain("Tom Birch is disabled. Rotate the keys too?"));
    expect(offer.textContent).toContain("What it cannot undo");
    expect(await seriousFaults()).toEqual([]);
    await user.click(within(offer).getByRole("button", { name: "Rotate now and sign out" }));
    await user.type(await screen.findByLabelText("Password"), `${PASSWORD}{Enter}`);
    expect(await screen.findByText("The stores have new keys")).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "rotate_keys")).toHaveLength(2);
  });
});
