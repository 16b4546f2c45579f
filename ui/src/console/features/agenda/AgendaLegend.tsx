import { For } from "solid-js";
import { ta } from "../../i18n/agenda-texts.ts";
import { t } from "../../i18n/text.ts";
import { confirmedGlyph, glyphs } from "./floor-actions.ts";

/** What fills and signs mean, and the keys of the grid. */
export function AgendaLegend() {
  return (
    <div class="g-legend">
      <For each={["booked", "arrived", "checked-in", "fulfilled", "noshow"] as const}>
        {(status) => (
          <span>
            <i class="g-visit" data-status={status} aria-hidden="true" />
            {t(`agenda.status.${status}`)} <span aria-hidden="true">{glyphs[status]}</span>
          </span>
        )}
      </For>
      <span>
        {ta("legend.confirmed")} <span aria-hidden="true">{confirmedGlyph}</span>
      </span>
      <span>
        <i class="g-key-held" aria-hidden="true" />
        {ta("legend.held")}
      </span>
      <span>
        <b class="g-extra" aria-hidden="true">
          +1
        </b>
        {ta("legend.extra")}
      </span>
      <span>
        <i class="g-key-closed" aria-hidden="true" />
        {ta("closed")}
      </span>
      <span>
        <i class="g-key-elsewhere" aria-hidden="true" />
        {ta("elsewhere")}
      </span>
      <span class="sp" />
      <span class="g-keys">
        <kbd>←</kbd>
        <kbd>→</kbd> {ta("keys.day")}
      </span>
      <span class="g-keys">
        <kbd>↑</kbd>
        <kbd>↓</kbd> {ta("keys.visit")}
      </span>
      <span class="g-keys">
        <kbd>M</kbd> {ta("keys.move")}
      </span>
    </div>
  );
}
