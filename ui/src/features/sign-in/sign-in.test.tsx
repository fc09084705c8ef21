import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

async function trySignIn(password: string) {
  const opened = openWindow({ vault: "locked" });
  await opened.user.type(await screen.findByLabelText("Name"), "ada");
  await opened.user.type(screen.getByLabelText("Password"), `${password}{Enter}`);
  return opened;
}

describe("signing in", () => {
  it("opens the window with the right password", async () => {
    await trySignIn("a quiet walk at noon");
    expect(await screen.findByRole("heading", { name: "Visits" })).toBeTruthy();
  });

  it("does not say which of name and password is wrong, and keeps no password", async () => {
    await trySignIn("wrong");
    expect((await screen.findByRole("alert")).textContent).toContain("Name or password is wrong");
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("ada");
  });

  it("says when a locked name may be tried again", async () => {
    const { user } = await trySignIn("wrong");
    for (let i = 0; i < 5; i += 1) {
      await screen.findByRole("alert");
      await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    }
    expect(await screen.findByText(/possible again in 15 minutes/)).toBeTruthy();
  });

  it("shows the password only when asked", async () => {
    const { user } = openWindow({ vault: "locked" });
    const field = await screen.findByLabelText<HTMLInputElement>("Password");
    expect(field.type).toBe("password");
    await user.click(screen.getByRole("button", { name: "Show the password" }));
    expect(field.type).toBe("text");
  });

  it("has no serious fault of accessibility", async () => {
    await trySignIn("wrong");
    await screen.findByRole("alert");
    expect(await seriousFaults()).toEqual([]);
  });
});
