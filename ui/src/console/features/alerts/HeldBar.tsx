import { createMemo, Show } from "solid-js";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { t } from "../../i18n/text.ts";
import { levelWord } from "../../lib/words.ts";
import type { Level } from "./alert-board.ts";

/** What waits while the list is being read: how many, of which levels, and the button that lets them in. Its room is always kept. */
export function HeldBar(props: { levels: readonly Level[]; shortcuts: boolean; onShow: () => void }) {
  const distinct = createMemo(() => (["warning", "notice", "technical"] as const).filter((level) => props.levels.includes(level)));
  return (
    <div role="status" class="a-held-place">
      <Show when={props.levels.length > 0}>
        <div class="a-held" data-testid="held">
          <SeverityMark level={distinct()[0] ?? "notice"} size={16} />
          <span>
            <b>{t("alerts.held", { n: props.levels.length })}</b>{" "}
            {t("alerts.heldLevel", {
              level: distinct()
                .map((level) => levelWord(level).toLocaleLowerCase())
                .join(", "),
            })}{" "}
            {t("alerts.heldWhy", { n: props.levels.length })}
          </span>
          <button type="button" onClick={() => props.onShow()} aria-keyshortcuts="N">
            <u>{t("alerts.showNew")}</u>
            <Show when={props.shortcuts}>
              <span class="kbd" aria-hidden="true">
                N
              </span>
            </Show>
          </button>
        </div>
      </Show>
    </div>
  );
}
