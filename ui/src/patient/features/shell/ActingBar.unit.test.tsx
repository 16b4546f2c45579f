import { afterEach, beforeEach, expect, test } from "bun:test";
import { listAppointments } from "@episante/contracts/appointment";
import type { Relative } from "@episante/contracts/patient";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { LiveRegion } from "../../../shared/components/LiveRegion.tsx";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { call } from "../../../shared/lib/call.ts";
import { loadSession } from "../../../shared/lib/session.ts";
import { RequireSession } from "../account/RequireSession.tsx";
import { ActingBar, ActingSwitch } from "./ActingBar.tsx";
import { actable, useActing } from "./acting.ts";

const realFetch = globalThis.fetch;
const hex = (digit: string) => digit.repeat(32);
const link = (more: Partial<Relative> = {}): Relative => ({
  id: `prx_${hex("1")}`,
  role: "proxy",
  status: "active",
  basis: "parent",
  scopes: ["book"],
  requestedAt: "2026-11-22T08:00:00Z",
  person: { patientId: `pat_${hex("2")}`, givenName: "Léo", familyName: "Fontaine" },
  ...more,
});
let links: Relative[] = [];
let accountId = `acc_${hex("9")}`;

beforeEach(async () => {
  setLocale("en");
  links = [link()];
  accountId = `acc_${hex("9")}`;
  globalThis.fetch = (async (url: string | URL | Request) => {
    const path = String(url);
    if (path.startsWith("/api/auth/me"))
      return Response.json({
        accountId,
        patientId: `pat_${hex("8")}`,
        displayName: "M",
        email: "m@x.fr",
        memberships: [],
        preferences: {},
      });
    if (path.startsWith("/api/patients/me/relatives")) return Response.json({ items: links, clinics: [] });
    return Response.json({ title: "x", status: 404, code: "not-found", traceId: "t" }, { status: 404 });
  }) as unknown as typeof fetch;
  sessionStorage.clear();
  useActing().forget();
  await loadSession();
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

/** The frame of the app with a page that shows whose data it would load. */
function open() {
  let opened = 0;
  const view = render(() => (
    <>
      <LiveRegion />
      <ActingBar />
      <ActingSwitch />
      <RequireSession title="Page">
        {() => {
          opened += 1;
          const whose = useActing().acting()?.name ?? "myself";
          return <p data-testid="whose">{whose}</p>;
        }}
      </RequireSession>
    </>
  ));
  const whose = () => view.queryByTestId("whose")?.textContent;
  const choose = async (name: string) => {
    const select = (await waitFor(() => view.getByLabelText("Act for"))) as HTMLSelectElement;
    const option = [...select.options].find((one) => one.textContent === name);
    fireEvent.change(select, { target: { value: option?.value } });
  };
  return { view, whose, choose, opened: () => opened };
}

test("choosing a relative shows the bar, throws the page away and opens it anew for the relative; back the same way", async () => {
  const { view, whose, choose } = open();
  expect(whose()).toBe("myself");
  await choose("Léo Fontaine");
  expect(view.getAllByText("You are acting for Léo Fontaine.").length).toBeGreaterThan(0);
  expect(whose()).toBe("Léo Fontaine");
  fireEvent.click(view.getByText("Back to me"));
  expect(whose()).toBe("myself");
  expect(view.queryByLabelText("Whom you act for")).toBeNull();
});

test("after a refusal the list is asked again: a revoked relative is let go of, the view is emptied and the reason said", async () => {
  const { view, whose, choose, opened } = open();
  await choose("Léo Fontaine");
  const before = opened();
  links = [];
  await call(listAppointments, {});
  await waitFor(() => expect(whose()).toBe("myself"));
  expect(opened()).toBe(before + 1);
  expect(view.getByText("You can no longer act for Léo Fontaine. Their information is no longer shown.")).toBeTruthy();
});

test("a refusal that has another reason changes nothing", async () => {
  const { whose, choose, opened } = open();
  await choose("Léo Fontaine");
  const before = opened();
  await call(listAppointments, {});
  await useActing().refresh();
  expect(whose()).toBe("Léo Fontaine");
  expect(opened()).toBe(before);
});

test("a page about the own person says so instead of showing one's data under a relative's name", async () => {
  const view = render(() => (
    <>
      <ActingBar />
      <ActingSwitch />
      <RequireSession title="Page" own>
        {() => <p data-testid="own">mine</p>}
      </RequireSession>
    </>
  ));
  const select = (await waitFor(() => view.getByLabelText("Act for"))) as HTMLSelectElement;
  expect(view.queryByTestId("own")).toBeTruthy();
  fireEvent.change(select, { target: { value: links[0]?.id } });
  expect(view.queryByTestId("own")).toBeNull();
  expect(view.getByText("This page shows your own information only.")).toBeTruthy();
});

test("another account starts as itself, whoever was acted for before", async () => {
  const { whose, choose } = open();
  await choose("Léo Fontaine");
  expect(sessionStorage.getItem("es.acting")).toBe(link().id);
  accountId = `acc_${hex("7")}`;
  await loadSession();
  await waitFor(() => expect(whose()).toBe("myself"));
  expect(sessionStorage.getItem("es.acting")).toBeNull();
});

test("only active links of one's own can be acted on", () => {
  const { patientId: _, ...unnamed } = link().person;
  const all = [link(), link({ status: "requested", person: unnamed }), link({ status: "review" }), link({ role: "patient" })];
  expect(actable(all).map((one) => one.name)).toEqual(["Léo Fontaine"]);
});
