import { Show } from "solid-js";
import { locale } from "../../../shared/i18n/i18n.ts";
import { tv } from "../../i18n/visit-texts.ts";
import type { VisitReason } from "../directory.ts";

/** What the clinic asks of the patient before a visit of this reason, and what to bring. Nothing when it says nothing. */
export function Guidance(props: { reason: VisitReason | undefined; heading: string; class?: string }) {
  const text = (key: "instructions" | "bring") => props.reason?.[key]?.[locale()] ?? "";
  return (
    <Show when={text("instructions") || text("bring")}>
      <section class={props.class ?? "section"} aria-labelledby="guidance">
        <h2 id="guidance" class="mb-3">
          {props.heading}
        </h2>
        <dl class="card guidance">
          <Show when={text("instructions")}>
            <dt>{tv("instructions")}</dt>
            <dd>{text("instructions")}</dd>
          </Show>
          <Show when={text("bring")}>
            <dt>{tv("bring")}</dt>
            <dd>{text("bring")}</dd>
          </Show>
        </dl>
      </section>
    </Show>
  );
}
