import type { Appointment } from "@episante/contracts/appointment";
import { listReasons } from "@episante/contracts/doctor";
import { A } from "@solidjs/router";
import { createSignal, For, type JSX, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { clock, dateTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { tf } from "../../i18n/floor-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { VisitHistory } from "../agenda/VisitHistory.tsx";
import type { Block, Blocks } from "./create-blocks.ts";
import type { Floor } from "./create-floor.ts";
import { type Column, columnOf, columns } from "./floor-board.ts";

/** One visit of the day: its facts, every column it can go to, missed visits, and what happened to it, with undo. */
export function VisitDialog(props: { floor: Floor; blocks: Blocks; visit: Appointment; onAbsent: () => void; onClose: () => void }) {
  const { roles } = useConsole();
  const column = () => columnOf(props.visit) ?? "expected";
  const doctor = () => props.floor.doctorOf(props.visit.doctorId);
  const at = (instant: string) => clock(instant, props.floor.zone());
  const minutes = () => Math.round((Date.parse(props.visit.end) - Date.parse(props.visit.start)) / 60_000);
  const reasons = createLoad(
    () => props.visit.doctorId,
    (id, signal) => call(listReasons, { params: { id }, signal }),
  );
  const reason = () => reasons.value()?.items.find((one) => one.id === props.visit.reasonId)?.name[locale()];
  async function move(to: Column): Promise<void> {
    if (to === "absent" && column() === "expected") return props.onAbsent();
    props.onClose();
    await props.floor.move(props.visit, to);
  }
  return (
    <Dialog
      open
      onClose={() => props.onClose()}
      title={props.floor.nameOf(props.visit)}
      description={tf("visit.when", { time: at(props.visit.start), minutes: minutes(), doctor: doctor()?.name ?? "" })}
    >
      <dl class="f-dl">
        <Fact name={tf("visit.reason")} value={reason()} />
        <Fact name={tf("visit.confirmed")} value={props.visit.confirmedAt && dateTime(props.visit.confirmedAt, props.floor.zone())} />
        <Fact name={tf("visit.arrived")} value={props.visit.arrivedAt && at(props.visit.arrivedAt)} />
        <Fact name={tf("visit.inRoom")} value={props.visit.inRoomAt && at(props.visit.inRoomAt)} />
        <Fact name={tf("visit.done")} value={props.visit.doneAt && at(props.visit.doneAt)} />
        <Fact name={tf("visit.extra")} value={props.visit.overbooked ? (props.visit.overbookedReason ?? tf("card.extra")) : undefined} />
      </dl>
      <Show when={roles().includes("doctor")}>
        <p>
          <A href={`/patients/${props.visit.patientId}`}>{tf("visit.record")}</A>
        </p>
      </Show>
      <div class="f-moves" role="group" aria-label={tf("visit.move")}>
        <For each={columns.filter((name) => name !== column())}>
          {(to) => (
            <Button variant="secondary" onClick={() => void move(to)}>
              {words(column(), to)}
            </Button>
          )}
        </For>
      </div>
      <Show when={props.blocks.of(props.visit.patientId)}>
        {(block) => <Missed floor={props.floor} blocks={props.blocks} block={block()} visit={props.visit} />}
      </Show>
      <section class="f-history">
        <VisitHistory visit={props.visit} zone={props.floor.zone()} />
        <Show when={column() !== "expected"}>
          <Button
            variant="secondary"
            icon="undo"
            busy={props.floor.busy() === props.visit.id}
            onClick={() => void props.floor.undo(props.visit)}
          >
            {tf("history.undo")}
          </Button>
        </Show>
      </section>
    </Dialog>
  );
}

/** Going to a column that was left behind is said otherwise than arriving there. */
function words(from: Column, to: Column): string {
  if (to === "expected" || to === "done") return tf(`to.${to}`);
  const isBack = from !== "absent" && columns.indexOf(to) < columns.indexOf(from);
  if (to === "absent") return from === "expected" ? tf("to.absent") : tf("to.back.absent");
  return isBack ? tf(`to.back.${to}`) : tf(`to.${to}`);
}

function Fact(props: { name: string; value: JSX.Element }) {
  return (
    <Show when={props.value}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </Show>
  );
}

function Missed(props: { floor: Floor; blocks: Blocks; block: Block; visit: Appointment }) {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  async function lift(): Promise<void> {
    setBusy(true);
    const result = await props.blocks.lift(props.block);
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    if (result.ok) props.floor.say(tf("told.lifted", { name: props.floor.nameOf(props.visit) }));
  }
  return (
    <Show when={props.block.count > 0 || props.block.blocked || props.block.liftedAt}>
      <section class="f-missed" data-blocked={props.block.blocked ? "" : undefined}>
        <h3>{tf("block.title")}</h3>
        <p>
          {tf("block.count", { n: props.block.count })}{" "}
          <Show when={props.block.blocked} fallback={props.block.limit === null ? "" : tf("block.limit", { limit: props.block.limit })}>
            <b>{tf("block.blocked")}</b>
          </Show>
        </p>
        <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <Show when={props.block.blocked}>
          <p>{tf("block.liftWhy")}</p>
          <Button variant="secondary" busy={busy()} onClick={() => void lift()}>
            {tf("block.lift")}
          </Button>
        </Show>
      </section>
    </Show>
  );
}

/** Excused or not: asked before it is said, because it may end online booking. */
export function AbsentDialog(props: { floor: Floor; visit: Appointment; onClose: () => void }) {
  const say = (excused: boolean) => {
    props.onClose();
    void props.floor.move(props.visit, "absent", excused);
  };
  return (
    <Dialog
      open
      onClose={() => props.onClose()}
      title={tf("absent.title", { name: props.floor.nameOf(props.visit) })}
      description={tf("absent.why", {
        time: clock(props.visit.start, props.floor.zone()),
        doctor: props.floor.doctorOf(props.visit.doctorId)?.name ?? "",
      })}
    >
      <div class="d-answers">
        <Button onClick={() => say(false)}>{tf("absent.unexcused")}</Button>
        <Button variant="secondary" onClick={() => say(true)}>
          {tf("absent.excused")}
        </Button>
        <Button variant="quiet" onClick={() => props.onClose()}>
          {tf("absent.keep")}
        </Button>
      </div>
    </Dialog>
  );
}
