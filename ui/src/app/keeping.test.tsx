import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { IpcError } from "@/ipc/errors";
import { FAKE_PAPER } from "@/ipc/fake-keeping";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

async function openPage(name: string, options: Parameters<typeof openWindow>[0] = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await screen.findByRole("link", { name: "Administration" }));
  await opened.user.click(await screen.findByRole("link", { name }));
  await screen.findByRole("heading", { name, level: 1 });
  return opened;
}

describe("backups", () => {
  it("shows what is kept and how, and makes one", async () => {
    const { user } = await openPage("Backups");
    expect(await screen.findByText("One is made every day")).toBeTruthy();
    expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(4);
    await user.click(screen.getByRole("button", { name: "Make a backup" }));
    expect((await screen.findByRole("alert")).textContent).toContain("was read back whole");
    expect(screen.getByText("/media/stick/ward.backup")).toBeTruthy();
  });

  it("says when the folder is not there, and follows the policy", async () => {
    const { user, fake } = await openPage("Backups");
    const folder = await screen.findByLabelText("Folder");
    await user.clear(folder);
    await user.type(folder, "/mnt/away");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("The folder is not there")).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "set_policy")).toHaveLength(1);
  });

  it("checks one with the paper and without, and keeps the key no longer than it needs", async () => {
    const { user } = await openPage("Backups");
    await user.click(screen.getByRole("button", { name: "Check a backup" }));
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    expect(await screen.findByText("It is the file that was made")).toBeTruthy();
    const paper = screen.getByLabelText<HTMLInputElement>("Recovery key");
    await user.type(paper, "not the key");
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    await waitFor(() => expect(paper.value).toBe(""));
    await user.type(paper, FAKE_PAPER.toLowerCase().replaceAll("-", " ").toUpperCase());
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    expect(await screen.findByText("The backup is whole")).toBeTruthy();
  });

  it("says what a damaged one means, and has no serious fault of accessibility", async () => {
    const { user } = await openPage("Backups", { fail: { verify_backup: new IpcError("backup_refused") } });
    await user.click(screen.getByRole("button", { name: "Check a backup" }));
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Take an earlier backup");
    expect(await seriousFaults()).toEqual([]);
  });
});

describe("a vault from a backup", () => {
  it("comes back with the paper, says what came back, and then asks to sign in", async () => {
    const { user } = openWindow({ vault: "absent" });
    await user.click(await screen.findByRole("button", { name: "Restore a backup instead" }));
    await user.type(screen.getByLabelText("Recovery key"), "7KQ2MD");
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    expect((await screen.findByRole("alert")).textContent).toContain("recovery key");
    await user.clear(screen.getByLabelText("Recovery key"));
    await user.type(screen.getByLabelText("Recovery key"), FAKE_PAPER);
    await user.click(screen.getByRole("button", { name: "Choose the backup" }));
    const done = await screen.findByText(/The vault is back/);
    expect(done).toBeTruthy();
    expect(screen.getByText(/The log is intact/)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Go on to sign in" }));
    expect(await screen.findByLabelText("Password")).toBeTruthy();
  });
});

describe("retention", () => {
  it("previews, asks once more, erases what no hold keeps", async () => {
    const { user, fake } = await openPage("Retention");
    const table = await screen.findByRole("table");
    expect(within(table).getAllByRole("row")).toHaveLength(4);
    expect(within(table).getByText("Legal hold")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Apply the rules now" }));
    expect(screen.getByText("Erase 2 things for good?")).toBeTruthy();
    expect(fake.calls.some((c) => c.name === "apply_retention")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Erase" }));
    expect(await screen.findByText("2 things were erased")).toBeTruthy();
    await waitFor(() => expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(2));
  });

  it("asks for the password before the rules run, and does nothing without", async () => {
    const { user, fake } = await openPage("Retention", { stepUp: true });
    const erase = async (typed: string) => {
      await user.click(await screen.findByRole("button", { name: "Apply the rules now" }));
      await user.click(screen.getByRole("button", { name: "Erase" }));
      await user.type(await screen.findByLabelText("Password"), typed);
    };
    await erase("{Escape}");
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was done");
    expect(screen.getAllByRole("row")).toHaveLength(4);
    await erase("a quiet walk at noon{Enter}");
    expect(await screen.findByText("2 things were erased")).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "step_up")).toHaveLength(1);
  });

  it("changes a rule of the policy", async () => {
    const { user, fake } = await openPage("Retention");
    const save = await screen.findByRole("button", { name: "Save the rule for: Sound" });
    expect((save as HTMLButtonElement).disabled).toBe(true);
    const days = screen.getByLabelText("Days for: Sound");
    await user.clear(days);
    await user.type(days, "30");
    await user.click(save);
    const set = () => fake.calls.find((c) => c.name === "set_policy");
    await waitFor(() => expect(set()?.payload).toEqual({ key: "retain_audio", value: "30" }));
  });

  it("holds what is due, with a reason, and releases it again", async () => {
    const { user, fake } = await openPage("Retention");
    await user.click(await screen.findByRole("button", { name: "Hold: 4711" }));
    const hold = screen.getByRole<HTMLButtonElement>("button", { name: "Hold" });
    expect(hold.disabled).toBe(true);
    await user.type(screen.getByLabelText("Why 4711 is held"), "Complaint 7");
    expect(await seriousFaults()).toEqual([]);
    await user.click(hold);
    const holds = screen.getByRole("region", { name: "Legal holds" });
    expect(await within(holds).findByText("Complaint 7")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Hold: 4711" })).toBeNull();
    await user.click(within(holds).getByRole("button", { name: "Release: Complaint 7" }));
    expect(within(holds).getByText("Complaint 7")).toBeTruthy();
    await user.click(within(holds).getByRole("button", { name: "Release it" }));
    await waitFor(() => expect(within(holds).queryByText("Complaint 7")).toBeNull());
    const asked = fake.calls.filter((c) => c.name === "hold_record").map((c) => c.payload);
    const id = "enc-01JD8ZAAAAAAAAAAAAAAAAA001";
    expect(asked).toEqual([{ id, reason: "Complaint 7" }, { id, reason: null }]);
  });

  it("shows the receipt of each thing erased, newest first, and saves one", async () => {
    const { user, fake } = await openPage("Retention");
    const receipts = await screen.findByRole("region", { name: "Receipts" });
    await waitFor(() => expect(within(receipts).getAllByRole("listitem").map((li) => li.textContent!.split(" ")[0])).toEqual(["Sound", "Run"]));
    await user.click(within(receipts).getAllByRole("button", { name: /^Save the receipt of/ })[1]!);
    expect((await within(receipts).findByRole("status")).textContent).toBe("Saved");
    expect(fake.calls.find((c) => c.name === "export_receipt")!.payload).toEqual({ id: "run-01JD8ZAAAAAAAAAAAAAAAAA001" });
  });

  it("erases everything of a patient only when the number is typed again", async () => {
    const { user } = await openPage("Retention");
    await user.type(await screen.findByLabelText("Record number"), "4711");
    await user.click(screen.getByRole("button", { name: "Look for it" }));
    const reports = (await screen.findByText("3 reports in Thorax 2026")).closest("li")!;
    await user.click(within(reports).getByRole("button", { name: "Hold: 3 reports in Thorax 2026" }));
    await user.type(within(reports).getByRole("textbox"), "Complaint 7");
    await user.click(within(reports).getByRole("button", { name: "Hold" }));
    expect(await within(reports).findByText("Legal hold")).toBeTruthy();
    const holds = screen.getByRole("region", { name: "Legal holds" });
    await user.click(await within(holds).findByRole("button", { name: "Release: Complaint 7" }));
    await user.click(within(holds).getByRole("button", { name: "Release it" }));
    expect(await within(reports).findByRole("button", { name: "Hold: 3 reports in Thorax 2026" })).toBeTruthy();
    const erase = screen.getByRole<HTMLButtonElement>("button", { name: "Erase all of it" });
    expect(erase.disabled).toBe(true);
    await user.type(screen.getByLabelText("The record number again"), "4711");
    expect(erase.disabled).toBe(false);
    await user.click(erase);
    expect((await screen.findByText("Erased, with 2 receipts")).closest("[role]")!.textContent).toContain("Kept by a legal hold: 1");
    expect(await seriousFaults()).toEqual([]);
  });
});

describe("models", () => {
  const row = (name: string) => screen.getAllByText(name).map((found) => found.closest("li")).find((li) => li !== null)!;

  it("shows what there is, what it needs and where it is used", async () => {
    await openPage("Models");
    await screen.findByText("qwen2.5-coder-1.5b");
    expect(row("qwen2.5-coder-1.5b").textContent).toContain("12 runs");
    expect(row("qwen2.5-coder-0.5b").textContent).toContain("Not here");
    expect(row("ward-notes-14b").textContent).toContain("Too little here");
    // What is used by default stays.
    expect(screen.queryByRole("button", { name: "Remove whisper-base" })).toBeNull();
    expect(await seriousFaults()).toEqual([]);
  });

  it("brings one in, tries it, uses it by default, and takes another away", async () => {
    const { user } = await openPage("Models");
    await user.click(await screen.findByRole("button", { name: "Import a file" }));
    await user.click(await screen.findByRole("button", { name: "Try qwen2.5-coder-0.5b" }));
    expect(await screen.findByText(/173 tokens a second/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Use qwen2.5-coder-0.5b by default" }));
    await waitFor(() => expect(row("qwen2.5-coder-0.5b").textContent).toContain("Used by default"));
    await user.click(screen.getByRole("button", { name: "Remove whisper-tiny.en" }));
    await user.click(screen.getByRole("button", { name: "Remove whisper-tiny.en for good" }));
    await waitFor(() => expect(row("whisper-tiny.en").textContent).toContain("Not here"));
  });

  it("wants a name and a licence for a model that nobody knows", async () => {
    const { user, fake } = await openPage("Models");
    await user.click(await screen.findByRole("button", { name: "Add a model that Cloister does not know" }));
    await user.type(screen.getByLabelText("Name"), "cardio-7b");
    await user.type(screen.getByLabelText("Licence"), "Apache-2.0");
    const form = screen.getByLabelText("Licence").closest("form")!;
    await user.click(within(form).getByRole("button", { name: "Import a file" }));
    expect((await screen.findAllByText("cardio-7b")).length).toBeGreaterThan(0);
    const payload = fake.calls.find((c) => c.name === "import_model")!.payload;
    expect(payload).toEqual({ folder: false, name: "cardio-7b", licence: "Apache-2.0" });
  });
});
