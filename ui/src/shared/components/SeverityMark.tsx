import { Match, Switch } from "solid-js";

export type SeverityLevel = "critical" | "warning" | "notice" | "technical";

/** The shape of a level: diamond, triangle, circle, hollow square. The word stands beside it; colour only repeats it. */
export function SeverityMark(props: { level: SeverityLevel; size?: number }) {
  return (
    <svg class="icon" width={props.size ?? 20} height={props.size ?? 20} viewBox="0 0 20 20" aria-hidden="true" data-level={props.level}>
      <Switch>
        <Match when={props.level === "critical"}>
          <path
            fill="var(--critical)"
            d="M8.7 1.1a1.84 1.84 0 0 1 2.6 0l7.6 7.6a1.84 1.84 0 0 1 0 2.6l-7.6 7.6a1.84 1.84 0 0 1-2.6 0l-7.6-7.6a1.84 1.84 0 0 1 0-2.6z"
          />
          <path
            fill="var(--on-critical)"
            d="M6.9 5.4h2.2l-.3 5.9H7.2zM10.9 5.4h2.2l-.3 5.9h-1.6zM6.9 12.7h2.2v2H6.9zM10.9 12.7h2.2v2h-2.2z"
          />
        </Match>
        <Match when={props.level === "warning"}>
          <path fill="var(--warning)" stroke="var(--warning-edge)" stroke-width="1.2" stroke-linejoin="round" d="M10 2 18.7 17.4H1.3z" />
          <path fill="var(--on-warning)" d="M8.9 7h2.2l-.3 5.3H9.2zM8.9 13.5h2.2v2H8.9z" />
        </Match>
        <Match when={props.level === "notice"}>
          <circle cx="10" cy="10" r="8.4" fill="var(--notice)" />
          <path fill="var(--on-notice)" d="M8.9 5h2.2v2.1H8.9zM8.9 8.5h2.2V15H8.9z" />
        </Match>
        <Match when={props.level === "technical"}>
          <rect x="2.2" y="2.2" width="15.6" height="15.6" rx="3" fill="none" stroke="var(--tech)" stroke-width="1.8" />
          <path fill="none" stroke="var(--tech)" stroke-width="1.8" stroke-linecap="round" d="M6.3 10h2M11.7 10h2M6.8 13.4l6.4-6.8" />
        </Match>
      </Switch>
    </svg>
  );
}
