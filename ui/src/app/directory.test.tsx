import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { draftOf, settingsOf } from "@/features/directory/form";
import { FAKE_ENROLMENT_CODE, FAKE_FINGERPRINT, REQUEST } from "@/ipc/fake-directory";
import type { FakeOptions } from "@/ipc/fake";
import { seriousFaults } from "@/testing/axe";
import { openWindow } from "@/testing/window";

const PASSWORD = "a quiet walk at noon";

async function openDirectory(options: FakeOptions = {}) {
  const opened = openWindow({ vault: "open", ...options });
  await opened.user.click(await screen.findByRole("link", { name: "Administration" }));
  await opened.user.click(await screen.findByRole("link", { name: "Directory" }));
  await screen.findByRole("heading", { name: "Directory" });
  return opened;
}

async function signIn(options: FakeOptions) {
  const opened = openWindow({ vault: "locked", ...options });
  await opened.user.type(await screen.findByLabelText("Name"), "lena");
  await opened.user.type(screen.getByLabelText("Password"), `${PASSWORD}{Enter}`);
  await screen.findByText("The directory let you in");
  return opened;
}

describe("the directory's page", () => {
  it("is set up with a form, and says that it counts from the next start on", async () => {
    const { user, fake } = await openDirectory();
    await screen.findByText("No directory is set");
    await user.click(screen.getByRole("button", { name: "Set up a directory" }));
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Save" }).disabled).toBe(true);
    await user.click(screen.getByLabelText("StartTLS"));
    expect(screen.getByLabelText<HTMLInputElement>("Port").value).toBe("389");
    await user.type(screen.getByLabelText("IP address"), "10.0.0.5");
    await user.type(screen.getByLabelText("Name in its certificate"), "dc1.clinic.example");
    await user.click(screen.getByRole("button", { name: "Choose a file…" }));
    await screen.findByText(/^9f2c4e1b/);
    await user.type(screen.getByLabelText("Where people are"), "ou=people,dc=clinic");
    await user.type(screen.getByLabelText("Group"), "cn=physicians,dc=clinic");
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Counts from the next start on")).toBeTruthy();
    const sent = fake.calls.find((c) => c.name === "set_directory")!.payload;
    expect(sent).toMatchObject({
      settings: { servers: ["ldap://10.0.0.5:389?name=dc1.clinic.example"], bind: "search", kind: "openldap" },
    });
    // Nothing is in use yet that could be tested.
    expect(screen.queryByRole("button", { name: "Test" })).toBeNull();
  });

  it("shows what is wrong with a field, and keeps what was typed", async () => {
    const { user } = await openDirectory({ directory: "in_force" });
    await user.click(await screen.findByRole("button", { name: "Change the settings" }));
    const address = screen.getAllByLabelText<HTMLInputElement>("IP address")[0]!;
    expect(address.value).toBe("10.0.0.5");
    await user.clear(address);
    await user.type(address, "dc1.clinic.example");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toContain("the address must be numbers");
    expect(address.value).toBe("dc1.clinic.example");
  });

  it("says which step of a sign-in fails", async () => {
    const { user, fake } = await openDirectory({ directory: "in_force", directoryTest: "name" });
    await user.click(await screen.findByRole("button", { name: "Test" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Encrypt, and check the certificate");
    const steps = within(screen.getByRole("list", { name: "Steps" })).getAllByRole("listitem");
    expect(steps).toHaveLength(7);
    expect(steps[1]!.textContent).toContain("another name than the one in the settings");
    expect(steps[6]!.textContent).toContain("Not tried");
    expect(fake.calls.find((c) => c.name === "test_directory")!.payload).toEqual({});
    expect(await seriousFaults()).toEqual([]);
  });

  it("tests as a person, and forgets their password", async () => {
    const { user } = await openDirectory({ directory: "in_force" });
    await user.type(await screen.findByLabelText("Name of a person"), "lena");
    await user.type(screen.getByLabelText("Their password"), "seven lamps over the quay");
    await user.click(screen.getByRole("button", { name: "Test" }));
    expect(await screen.findByText("Every step that could be tried went well")).toBeTruthy();
    expect(screen.getByText(/The certificate ends in 20 days/)).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>("Their password").value).toBe("");
  });

  it("is removed with one's password, again", async () => {
    const { user } = await openDirectory({ directory: "in_force", stepUp: true });
    await user.click(await screen.findByRole("button", { name: "Remove the directory" }));
    await user.click(screen.getByRole("button", { name: "Remove it" }));
    await user.type(await screen.findByLabelText("Password"), `${PASSWORD}{Enter}`);
    expect(await screen.findByText("No directory is set")).toBeTruthy();
  });

  it("puts settings together as they were taken apart", () => {
    const given = {
      kind: "active-directory",
      servers: ["ldap://[fd00::5]:1389?name=a.b", "ldap://10.0.0.6:1389"],
      ca: "PEM",
      ca_fingerprints: [],
      bind: "direct",
      search_account: null,
      bind_template: "{name}@clinic.example",
      people_base: "dc=clinic",
      people_filter: "(&(objectCategory=person)(objectClass=user))",
      login_attribute: "mail",
      membership: "(member:1.2.840.113556.1.4.1941:={dn})",
      groups: [{ dn: "cn=a", role: "viewer" }],
      minimum_password_length: 14,
      connect_timeout_s: 5,
      operation_timeout_s: 10,
    };
    expect(settingsOf(draftOf(given))).toEqual({
      kind: "active-directory",
      servers: given.servers,
      ca: "PEM",
      bind: "direct",
      bind_template: "{name}@clinic.example",
      people_base: "dc=clinic",
      login_attribute: "mail",
      groups: given.groups,
      minimum_password_length: 14,
      connect_timeout_s: 5,
      operation_timeout_s: 10,
    });
  });
});

describe("people from the directory", () => {
  const openPeople = async (options: FakeOptions = {}) => {
    const opened = openWindow({ vault: "open", directory: "in_force", ...options });
    await opened.user.click(await screen.findByRole("link", { name: "Administration" }));
    await screen.findByText("Chidi Okafor");
    return opened;
  };

  it("wait with a fingerprint, and are let in when it is the same", async () => {
    const { user, fake } = await openPeople({ requests: [REQUEST] });
    await screen.findByRole("heading", { name: "Waiting to be let in" });
    expect(screen.getByText(FAKE_FINGERPRINT)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Let Lena Vogt in" }));
    const row = await screen.findByRole("row", { name: /Lena Vogt/ });
    expect(row.textContent).toContain("Of the directory");
    expect(fake.calls.find((c) => c.name === "approve_enrolment")!.payload).toEqual({
      user: REQUEST.user,
      fingerprint: FAKE_FINGERPRINT,
    });
    await waitFor(() => expect(screen.queryByRole("heading", { name: "Waiting to be let in" })).toBeNull());
  });

  it("cannot be let in by a request that the log has not seen", async () => {
    const { user } = await openPeople({ requests: [{ ...REQUEST, recorded: false }] });
    const approve = await screen.findByRole<HTMLButtonElement>("button", { name: "Let Lena Vogt in" });
    expect(approve.disabled).toBe(true);
    await user.click(screen.getByRole("button", { name: "Refuse Lena Vogt" }));
    await waitFor(() => expect(screen.queryByText("Lena Vogt")).toBeNull());
  });

  it("get an account with a code, which is shown once", async () => {
    const { user } = await openPeople();
    await user.click(screen.getByRole("button", { name: "Add an account" }));
    await user.click(await screen.findByLabelText("Of the directory"));
    expect(screen.queryByLabelText("First password")).toBeNull();
    await user.type(screen.getByLabelText("Name"), "Nia Adeyemi");
    await user.click(screen.getByRole("button", { name: "Make the account" }));
    expect((await screen.findByRole("alert")).textContent).toContain(FAKE_ENROLMENT_CODE);
    expect((await screen.findByRole("row", { name: /Nia Adeyemi/ })).textContent).toContain("Code not used yet");
    await user.click(screen.getByRole("button", { name: "I have handed it over" }));
    expect(screen.queryByText(FAKE_ENROLMENT_CODE)).toBeNull();

    await user.click(screen.getByRole("button", { name: "What to do with Chidi Okafor" }));
    await user.click(await screen.findByRole("menuitem", { name: "Move to the directory" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Code for Chidi Okafor");
  });
});

describe("signing in by the directory", () => {
  it("goes on with a code the first time, and says when it is not the code", async () => {
    const { user } = await signIn({ enrolment: "first" });
    expect(screen.queryByLabelText("I know the password before it")).toBeNull();
    expect(document.activeElement).toBe(screen.getByLabelText("Enrolment code"));
    expect(await seriousFaults()).toEqual([]);
    await user.type(screen.getByLabelText("Enrolment code"), "AAAA{Enter}");
    expect(await screen.findByText("This code does not open your account")).toBeTruthy();
    await user.clear(screen.getByLabelText("Enrolment code"));
    await user.type(screen.getByLabelText("Enrolment code"), `${FAKE_ENROLMENT_CODE}{Enter}`);
    expect(await screen.findByRole("heading", { name: "Visits" })).toBeTruthy();
  });

  it("goes on with the password before it after a change", async () => {
    const { user } = await signIn({ enrolment: "changed" });
    await user.type(screen.getByLabelText("Password before the change"), "an older walk at noon{Enter}");
    expect(await screen.findByRole("heading", { name: "Visits" })).toBeTruthy();
  });

  it("leaves a request, shows the fingerprint, and keeps no password meanwhile", async () => {
    const { user } = await signIn({ enrolment: "first" });
    await user.click(screen.getByLabelText("I have a code"));
    expect(document.activeElement).toBe(screen.getByLabelText("I have a code"));
    await user.click(screen.getByLabelText("Ask an administrator"));
    await user.click(screen.getByRole("button", { name: "Leave the request" }));
    expect(await screen.findByText(FAKE_FINGERPRINT)).toBeTruthy();
    expect(await seriousFaults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Sign in again" }));
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("lena");
  });

  it("goes back to the name and keeps nothing", async () => {
    const { user } = await signIn({ enrolment: "changed" });
    await user.click(screen.getByRole("button", { name: "Back to the sign-in" }));
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
  });
});
