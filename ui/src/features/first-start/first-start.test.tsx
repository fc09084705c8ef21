import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { IpcError } from "@/ipc/errors";
import { FAKE_CODE } from "@/ipc/fake-people";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";

async function fill(name: string, password: string, repeat = password) {
  const opened = openWindow({ vault: "absent" });
  await opened.user.type(await screen.findByLabelText("Administrator’s name"), name);
  await opened.user.type(screen.getByLabelText("Password"), password);
  await opened.user.type(screen.getByLabelText("Password again"), repeat);
  return opened;
}

const create = () => screen.getByRole<HTMLButtonElement>("button", { name: "Create the vault" });

describe("first start", () => {
  it("says which rules the password meets while it is typed", async () => {
    const { user } = await fill("ada", "fourteen chars", "fourteen");
    expect(screen.getByText("At least 15 characters (14 so far)")).toBeTruthy();
    expect(create().disabled).toBe(true);
    await user.type(screen.getByLabelText("Password"), "!");
    await user.type(screen.getByLabelText("Password again"), " chars!");
    expect(screen.getAllByText(/: met$/)).toHaveLength(3);
    expect(create().disabled).toBe(false);
  });

  it("refuses the name as password", async () => {
    await fill("Ada Lindqvist the first", "ada lindqvist the first");
    expect(create().disabled).toBe(true);
  });

  it("shows the recovery key and the fingerprint once, and goes on when the last group is typed", async () => {
    const { user, fake } = await fill(" ada ", PASSWORD);
    await user.click(create());
    expect(await screen.findByText("K7QH-4MZD-W2XA-9FTE-R6NB-3JYP-VC8G-5SLK")).toBeTruthy();
    expect(screen.getByText("4f1c 9a27 d03b e865 71ac 0f92 b6d8 3e47")).toBeTruthy();
    expect(fake.calls.find((call) => call.name === "create_vault")?.payload).toEqual({ name: "ada", password: PASSWORD });
    expect(await seriousFaults()).toEqual([]);

    const confirm = screen.getByLabelText("Type the last group of the recovery key");
    await user.type(confirm, "5SLX{Enter}");
    expect(screen.getByText(/That is not the last group/)).toBeTruthy();
    await user.clear(confirm);
    await user.type(confirm, "5slk{Enter}");
    expect(await screen.findByRole("heading", { name: "A second factor" })).toBeTruthy();
    expect(document.body.textContent).not.toContain("5SLK");
  });

  it("offers a second factor, looks for models and a microphone, and begins", async () => {
    const { user } = await fill("ada", PASSWORD);
    await user.click(create());
    await screen.findByText(/^K7QH/);
    await user.type(screen.getByLabelText("Type the last group of the recovery key"), "5slk{Enter}");
    await user.click(await screen.findByRole("button", { name: "Set up a second factor" }));
    expect(await screen.findByRole("img", { name: /Scan this/ })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.type(screen.getByLabelText("The code it shows now"), FAKE_CODE);
    await user.type(screen.getByLabelText("Password now"), PASSWORD);
    await user.click(screen.getByRole("button", { name: "Confirm" }));
    await user.click(await screen.findByRole("button", { name: "I have them on paper" }));
    await screen.findByRole("heading", { name: "Is everything there?" });
    expect(await screen.findAllByText(/there, and as it should be/)).toHaveLength(2);
    expect(await screen.findByRole("meter", { name: "Level" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Go on" }));
    await screen.findByRole("heading", { name: "The institution's directory" });
    expect(await screen.findByRole("button", { name: "Set up a directory" })).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Begin" }));
    expect(await screen.findByRole("heading", { name: "No visits yet" })).toBeTruthy();
  });

  it("sets up the directory with the password again, for who wants one", async () => {
    const opened = openWindow({ vault: "absent", stepUp: true });
    const { user, fake } = opened;
    await user.type(await screen.findByLabelText("Administrator’s name"), "ada");
    await user.type(screen.getByLabelText("Password"), PASSWORD);
    await user.type(screen.getByLabelText("Password again"), `${PASSWORD}{Enter}`);
    await user.type(await screen.findByLabelText("Type the last group of the recovery key"), "5slk{Enter}");
    await user.click(await screen.findByRole("button", { name: "Later" }));
    await user.click(await screen.findByRole("button", { name: "Go on" }));
    await user.click(await screen.findByRole("button", { name: "Set up a directory" }));
    await user.type(screen.getByLabelText("IP address"), "10.0.0.5");
    await user.click(screen.getByRole("button", { name: "Choose a file…" }));
    await screen.findByText(/^9f2c4e1b/);
    await user.type(screen.getByLabelText("Where people are"), "ou=people,dc=clinic");
    await user.type(screen.getByLabelText("Group"), "cn=physicians,dc=clinic");
    await user.click(screen.getByRole("button", { name: "Save" }));
    const again = await screen.findByRole("form", { name: "Your password, again" });
    expect(await seriousFaults()).toEqual([]);
    await user.type(within(again).getByLabelText("Password"), `${PASSWORD}{Enter}`);
    expect(await screen.findByText("Counts from the next start on")).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "set_directory")).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "Begin" }));
    expect(await screen.findByRole("heading", { name: "No visits yet" })).toBeTruthy();
  });

  it("says what is missing, and lets one begin all the same", async () => {
    const { user } = openWindow({ vault: "absent", missingModel: true, microphones: [] });
    await user.type(await screen.findByLabelText("Administrator’s name"), "ada");
    await user.type(screen.getByLabelText("Password"), PASSWORD);
    await user.type(screen.getByLabelText("Password again"), `${PASSWORD}{Enter}`);
    await user.type(await screen.findByLabelText("Type the last group of the recovery key"), "5slk{Enter}");
    await user.click(await screen.findByRole("button", { name: "Later" }));
    expect(await screen.findByText(/Bring ggml-base-q8_0.bin/)).toBeTruthy();
    expect(await screen.findByText("No microphone is connected")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Go on" }));
    await user.click(await screen.findByRole("button", { name: "Begin" }));
    expect(await screen.findByRole("heading", { name: "No visits yet" })).toBeTruthy();
  });

  it("prints through the system", async () => {
    const print = vi.spyOn(window, "print").mockImplementation(() => undefined);
    const { user } = await fill("ada", PASSWORD);
    await user.click(create());
    await user.click(await screen.findByRole("button", { name: "Print" }));
    expect(print).toHaveBeenCalledOnce();
  });

  it("forgets the key when the workstation locks before it was confirmed, and says so", async () => {
    const { user, fake } = await fill("ada", PASSWORD);
    await user.click(create());
    await screen.findByText(/^K7QH/);
    fake.lock();
    await waitFor(() => expect(screen.getByRole("heading", { name: "Sign in" })).toBeTruthy(), { timeout: 15_000 });
    expect(screen.getByText(/the key is not shown again/)).toBeTruthy();
    expect(document.body.textContent).not.toContain("K7QH");
  });

  it("says in plain words why a vault was not made", async () => {
    const fail = { create_vault: new IpcError("weak_password", { fault: "it is on the list of common passwords" }) };
    const { user } = openWindow({ vault: "absent", fail });
    await user.type(await screen.findByLabelText("Administrator’s name"), "ada");
    await user.type(screen.getByLabelText("Password"), PASSWORD);
    await user.type(screen.getByLabelText("Password again"), `${PASSWORD}{Enter}`);
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("This password is too easy to guess");
    expect(alert.textContent).toContain("it is on the list of common passwords");
  });

  it("has no serious fault of accessibility", async () => {
    openWindow({ vault: "absent" });
    await screen.findByRole("heading", { name: "Create the vault" });
    expect(await seriousFaults()).toEqual([]);
  });
});
