import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FAKE_CODE } from "@/ipc/fake-people";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";

async function openPeople() {
  const opened = openWindow({ vault: "open" });
  await opened.user.click(await screen.findByRole("link", { name: "Administration" }));
  await screen.findByRole("heading", { name: "People" });
  await screen.findByText("Chidi Okafor");
  return opened;
}

const row = (name: string) => within(screen.getByRole("table")).getByText(name).closest("tr")!;

describe("people", () => {
  it("shows who is there, what they can read and who waits", async () => {
    await openPeople();
    expect(screen.getByText("6 accounts")).toBeTruthy();
    expect(row("Chidi Okafor").textContent).toContain("visits");
    expect(row("Ines Duarte").textContent).toContain("no record");
    expect(row("Tom Birch").textContent).toContain("Locked for 14 min");
    expect(row("Mara Weiss").textContent).toContain("Disabled");
    // One's own account is another administrator's.
    expect(within(row("Ada Lindqvist")).queryByRole("button")).toBeNull();
  });

  it("makes an account and lets a locked one try again", async () => {
    const { user } = await openPeople();
    await user.click(screen.getByRole("button", { name: "Add an account" }));
    await user.type(screen.getByLabelText("Name"), "Nia Adeyemi");
    await user.selectOptions(screen.getByLabelText("Role"), "researcher");
    await user.type(screen.getByLabelText("First password"), "eleven kites over the estuary");
    await user.click(screen.getByRole("button", { name: "Make the account" }));
    expect((await screen.findByText("Nia Adeyemi")).closest("tr")!.textContent).toContain("research");

    await user.click(screen.getByRole("button", { name: "What to do with Tom Birch" }));
    await user.click(await screen.findByRole("menuitem", { name: "Let them try again" }));
    await waitFor(() => expect(row("Tom Birch").textContent).toContain("Active"));
  });

  it("changes a role, and says what a refusal means", async () => {
    const { user, fake } = await openPeople();
    await user.selectOptions(screen.getByLabelText("Role of Chidi Okafor"), "auditor");
    await waitFor(() => expect(fake.calls.some((c) => c.name === "change_role")).toBe(true));
    await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>("Role of Chidi Okafor").value).toBe("auditor"));
  });

  it("has no serious fault of accessibility", async () => {
    const { user } = await openPeople();
    await user.click(screen.getByRole("button", { name: "Add an account" }));
    expect(await seriousFaults()).toEqual([]);
  });
});

describe("a second factor", () => {
  it("is asked for after the password, and the password is kept just so long", async () => {
    const { user } = openWindow({ vault: "locked", secondFactor: true });
    await user.type(await screen.findByLabelText("Name"), "ada");
    await user.type(screen.getByLabelText("Password"), `${PASSWORD}{Enter}`);
    await user.type(await screen.findByLabelText("Code"), "000000{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("is wrong");
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
    await user.type(screen.getByLabelText("Password"), `${PASSWORD}{Enter}`);
    await user.type(await screen.findByLabelText("Code"), `${FAKE_CODE}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Visits" })).toBeTruthy();
  });

  it("is set up before anything else where the policy asks for it", async () => {
    const { user } = openWindow({ vault: "open", mustEnrol: true });
    await screen.findByRole("heading", { name: "Set up a second factor" });
    expect(screen.queryByRole("link", { name: "Visits" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Set up a second factor" }));
    expect(await screen.findByRole("img", { name: /Scan this/ })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.type(screen.getByLabelText("The code it shows now"), "123456");
    await user.type(screen.getByLabelText("Password now"), PASSWORD);
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    expect((await screen.findByRole("alert")).textContent).toContain("not the device’s code");
    await user.type(screen.getByLabelText("The code it shows now"), FAKE_CODE);
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    expect(await screen.findByText("0K7Q-H4MZ-DW2X-A9FT")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Sign in with the code" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeTruthy();
  });
});

describe("one's own account", () => {
  it("takes a new password and says that it holds", async () => {
    const { user } = openWindow({ vault: "open" });
    await user.click(await screen.findByTitle("Account and appearance"));
    await user.click(await screen.findByRole("menuitem", { name: "Your account" }));
    await user.type((await screen.findAllByLabelText("Password now"))[0]!, PASSWORD);
    await user.type(screen.getByLabelText("New password"), "eleven kites over the estuary");
    await user.type(screen.getByLabelText("New password again"), "eleven kites");
    expect(screen.getByText("The two are not the same.")).toBeTruthy();
    await user.type(screen.getByLabelText("New password again"), " over the estuary");
    await user.click(screen.getByRole("button", { name: "Change the password" }));
    expect(await screen.findByText("The new password holds from now on.")).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
  });
});
