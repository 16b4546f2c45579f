import { afterEach, expect, test } from "bun:test";
import { cleanup, fireEvent, render } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import type { Level } from "./alert-board.ts";
import { HeldBar } from "./HeldBar.tsx";

setLocale("fr");
afterEach(cleanup);

test("says how many wait and of which levels, lets them in, and keeps its place empty before and after", () => {
  const [levels, setLevels] = createSignal<readonly Level[]>([]);
  let shown = 0;
  const view = render(() => <HeldBar levels={levels()} shortcuts={false} onShow={() => (shown += 1)} />);
  const place = view.getByRole("status");
  expect(place.textContent).toBe("");
  setLevels(["warning"]);
  expect(place.textContent).toContain("1 nouvelle alerte (vigilance) attend");
  setLevels(["technical", "warning", "warning"]);
  expect(place.textContent).toContain("3 nouvelles alertes (vigilance, technique) attendent");
  fireEvent.click(view.getByText("Afficher"));
  expect(shown).toBe(1);
  setLevels([]);
  expect(view.getByRole("status")).toBe(place);
  expect(place.textContent).toBe("");
});
