import { type Appointment, cancel } from "@episante/contracts/appointment";
import { getCancelReasons } from "@episante/contracts/cancel-reason";
import { A } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { CancelReasons } from "../../../shared/cancel/CancelReasons.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import { tv } from "../../i18n/visit-texts.ts";
import { type DoctorItem, phoneText, telLink } from "../directory.ts";
import { Policy } from "./Policy.tsx";
import { choicesAt, isOpenAt } from "./visit-state.ts";

/** True while the visit can still be cancelled by anybody. */
export function isOpen(visit: Appointment): boolean {
  return isOpenAt(visit, serverNow());
}

/** True while the patient may still move the visit online. */
export function isMovable(visit: Appointment): boolean {
  return choicesAt(visit, serverNow()).canMove;
}

/** True once only the clinic can cancel the visit. */
export function isLate(visit: Appointment): boolean {
  return isOpen(visit) && Date.parse(visit.cancelUntil) <= serverNow();
}

/** After the cut-off: since when, and the phone number, never a dead button. The number's place is kept until it is known. */
export function LateCancel(props: { visit: Appointment; doctor: DoctorItem | undefined }) {
  const phone = () => (props.doctor ? phoneText(props.doctor.phone) : "\u2007".repeat(17));
  const around = () => {
    const when = dateTime(props.visit.cancelUntil, props.visit.zone);
    return t("visit.cancelLate", { when, phone: "|" }).split("|");
  };
  return (
    <p class="small muted">
      {around()[0]}
      <a class="whitespace-nowrap" href={props.doctor ? telLink(props.doctor.phone) : undefined}>
        {phone()}
      </a>
      {around()[1]}
    </p>
  );
}

/** Cancel, with a question first. */
export function CancelVisit(props: { visit: Appointment; onCancelled: (visit: Appointment) => void }) {
  const [open, setOpen] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [reason, setReason] = createSignal<string>();
  const [problem, setProblem] = createSignal<CallProblem>();
  // Without the list one can still cancel: the reason is optional.
  const reasons = createLoad(
    () => (open() ? props.visit.doctorId : undefined),
    (doctorId, signal) => call(getCancelReasons, { query: { doctorId }, signal }),
  );
  const when = () => dateTime(props.visit.start, props.visit.zone);

  async function run(): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const why = reason();
    const result = await call(cancel, { params: { id: props.visit.id }, body: why ? { reason: why } : {} });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setOpen(false);
    announce(t("visit.cancelDone"));
    props.onCancelled(result.value);
  }
  return (
    <>
      <Button variant="quiet" tone="danger" icon="close" onClick={() => setOpen(true)}>
        {t("visit.cancel")}
        <span class="sr">{` ${t("visit.detailsOf", { when: when() })}`}</span>
      </Button>
      <Dialog
        open={open()}
        onClose={() => setOpen(false)}
        title={t("visit.cancelAsk", { when: when() })}
        description={t("visit.cancelEffect")}
        modalOnly
      >
        <Policy visit={props.visit} />
        <Show when={reasons.value()}>{(lists) => <CancelReasons reasons={lists().patient} by="patient" onChange={setReason} />}</Show>
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Button variant="danger" wide busy={busy()} busyText={t("visit.cancelling")} onClick={() => void run()}>
          {t("visit.cancelLong")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {t("visit.keep")}
        </Button>
        <Show when={isMovable(props.visit)}>
          <A class="quiet justify-self-center" href={`/appointments/${props.visit.id}/move`}>
            <Icon name="calendar" />
            {tv("instead")}
          </A>
        </Show>
      </Dialog>
    </>
  );
}
