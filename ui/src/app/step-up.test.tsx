import { screen, waitFor } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { FAKE_CODE } from "@/ipc/fake-people";
import { seriousFaults } from "@/testing/axe";
import { openVisit } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";
const calls = (fake: { calls: { name: string }[] }, name: string) => fake.calls.filter((c) => c.name === name).length;

const NAMES = { txt: /Plain text|Words alone/, srt: /SubRip/ };

async function exportAs(user: UserEvent, form: keyof typeof NAMES) {
  await user.click(await screen.findByRole("button", { name: "Export as…" }));
  await user.click(await screen.findByRole("menuitem", { name: NAMES[form] }));
}

describe("an act of weight", () => {
  it("asks for the password once, and goes on by itself", async () => {
    const { user, fake } = await openVisit({ stepUp: true });
    await exportAs(user, "txt");
    const form = await screen.findByRole("form", { name: "Your password, again" });
    await waitFor(() => expect(form.contains(document.activeElement)).toBe(true));
    expect(await seriousFaults()).toEqual([]);
    await user.type(screen.getByLabelText("Password"), "not it{Enter}");
    expect(await screen.findByText(/That is not your password/)).toBeTruthy();
    await user.type(screen.getByLabelText("Password"), `${PASSWORD}{Enter}`);
    expect(await screen.findByText(/transcript.txt/)).toBeTruthy();
    expect(screen.queryByRole("form", { name: "Your password, again" })).toBeNull();
    // Within the next minutes nobody is asked again.
    await exportAs(user, "srt");
    expect(await screen.findByText(/transcript.srt/)).toBeTruthy();
    expect(calls(fake, "step_up")).toBe(2);
  });

  it("asks for the code where there is a second factor", async () => {
    const { user, fake } = await openVisit({ stepUp: true, secondFactor: true });
    await exportAs(user, "txt");
    await user.type(await screen.findByLabelText("Password"), `${PASSWORD}{Enter}`);
    await user.type(await screen.findByLabelText("Code"), `${FAKE_CODE}{Enter}`);
    expect(await screen.findByText(/transcript.txt/)).toBeTruthy();
    expect(fake.calls.filter((c) => c.name === "step_up").at(-1)?.payload).toEqual({ password: PASSWORD, code: FAKE_CODE });
  });

  it("is left undone when one thinks better of it", async () => {
    const { user, fake } = await openVisit({ stepUp: true });
    await exportAs(user, "txt");
    await user.type(await screen.findByLabelText("Password"), "{Escape}");
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was done");
    expect(calls(fake, "export_transcript")).toBe(1);
    // Looking at a visit asks for nothing.
    await waitFor(() => expect(screen.queryByRole("form", { name: "Your password, again" })).toBeNull());
  });
});
