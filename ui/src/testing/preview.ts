import { Fake, type FakeOptions } from "@/ipc/fake";
import { REQUEST } from "@/ipc/fake-directory";

const OTHER = "usr-01JD8ZAAAAAAAAAAAAAAAAA042";

/** One moment for the whole page: what it shows is the same whenever it is looked at. */
function stopClock(now: Date): void {
  const at = now.getTime();
  globalThis.Date = new Proxy(Date, {
    construct: (original, args) => Reflect.construct(original, args.length === 0 ? [at] : args),
    get: (original, name) => (name === "now" ? () => at : Reflect.get(original, name)),
  });
}

/** The fake as the address asks for it, for looking at one state: `?vault=open&visits=none`. */
export function fakeFromLocation(search = location.search): Fake {
  const asked = new URLSearchParams(search);
  const options: FakeOptions = {};
  const now = asked.get("now");
  if (now !== null) {
    options.now = new Date(now);
    stopClock(options.now);
  }
  const vault = asked.get("vault");
  if (vault === "absent" || vault === "locked" || vault === "open") options.vault = vault;
  if (asked.get("visits") === "none") options.visits = "none";
  if (asked.get("datasets") === "none") options.datasets = "none";
  if (asked.get("schemas") === "none") options.schemas = "none";
  if (asked.get("sealing") === "none") options.sealing = [];
  if (asked.get("model") === "missing") options.missingModel = true;
  const log = asked.get("log");
  if (log !== null) options.logLength = Number(log);
  const role = asked.get("role");
  if (role !== null) options.role = role;
  if (asked.get("stores") === "broken") options.storeFaults = ["the store visits.db cannot be opened"];
  const locksIn = asked.get("locksIn");
  if (locksIn !== null) options.locksIn = Number(locksIn);
  for (const flag of ["emergency", "mustEnrol", "secondFactor", "stepUp", "chooserCancelled"] as const) {
    if (asked.has(flag)) options[flag] = true;
  }
  const directory = asked.get("directory");
  if (directory === "in_force" || directory === "restart") options.directory = directory;
  const test = asked.get("test");
  if (test === "name" || test === "group") options.directoryTest = test;
  const enrolment = asked.get("enrolment");
  if (enrolment === "first" || enrolment === "changed") options.enrolment = enrolment;
  if (asked.get("requests") === "some") options.requests = [REQUEST, { ...REQUEST, user: OTHER, name: "Ines Sol", renews: true }];
  const step = asked.get("step");
  if (step !== null) options.step = Number(step);
  return new Fake(options);
}
