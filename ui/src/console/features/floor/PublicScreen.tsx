import { createEffect, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { clock } from "../../../shared/lib/format.ts";
import { tf } from "../../i18n/floor-texts.ts";
import type { Floor } from "./create-floor.ts";

/** For a screen in the waiting room: who waits and who is in, by short names. Nothing can be done here, and nothing else is told. */
export function PublicScreen(props: { floor: Floor }) {
  createEffect(() => {
    document.title = `${tf("title")} · ${tc("app.name")}`;
  });
  const lost = () => props.floor.visits.lostSince();
  return (
    <main id="main" tabindex="-1" class="f-screen">
      <header>
        <h1>{tf("title")}</h1>
        <time class="f-clock">{clock(props.floor.now(), props.floor.zone())}</time>
        <Button variant="quiet" onClick={() => props.floor.showScreen(false)}>
          {tf("screen.leave")}
        </Button>
      </header>
      <div role="alert">
        <Show when={lost()}>{(since) => <p class="f-lost">{tf("screen.lostSince", { time: clock(since(), props.floor.zone()) })}</p>}</Show>
        <Show when={lost() === undefined && (props.floor.visits.problem() ?? props.floor.members.problem())}>
          <p class="f-lost">{tf("screen.failed")}</p>
        </Show>
      </div>
      <div class="f-halls" data-stale={lost() === undefined ? undefined : ""}>
        <For each={["room", "waiting"] as const}>
          {(column) => (
            <section aria-labelledby={`f-${column}`}>
              <h2 id={`f-${column}`}>{tf(`column.${column}`)}</h2>
              <Show when={props.floor.board()[column].length > 0} fallback={<Nobody floor={props.floor} />}>
                <ul>
                  <For each={props.floor.board()[column]}>
                    {(visit) => (
                      <li>
                        <b>{props.floor.nameOf(visit)}</b>
                        <span>{props.floor.doctorOf(visit.doctorId)?.name}</span>
                        <time datetime={visit.start}>{clock(visit.start, props.floor.zone())}</time>
                      </li>
                    )}
                  </For>
                </ul>
              </Show>
            </section>
          )}
        </For>
      </div>
    </main>
  );
}

/** Said only when it is known. */
function Nobody(props: { floor: Floor }) {
  return (
    <Show when={props.floor.visits.isLoaded()}>
      <p class="f-none">{tf("screen.none")}</p>
    </Show>
  );
}
