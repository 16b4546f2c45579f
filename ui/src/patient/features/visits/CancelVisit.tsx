import { type Appointment, cancel } from "@episante/contracts/appointment";
import { createSignal, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateTime } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import { type DoctorItem, phoneText, telLink } from "../directory.ts";

/** True while the visit can still be cancelled by anybody. */
export function isOpen(visit: Appointment): boolean {
  return (visit.status === "booked" || visit.status === "pending") && Date.parse(visit.start) > serverNow();
}

/** Cancel with a question first; after the cut-off the phone number instead, never a dead button. */
export function CancelVisit(props: { visit: Appointment; doctor: DoctorItem | undefined; onCancelled: (visit: Appointment) => void }) {
  const [open, setOpen] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const when = () => dateTime(props.visit.start, props.visit.zone);
  const late = () => Date.parse(props.visit.cancelUntil) <= serverNow();

  async function run(): Promise<void> {
    if (busy()) return;
    setBusy(true);
    const result = await call(cancel, { params: { id: props.visit.id }, body: {} });
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
    <Show
      when={!late()}
      fallback={
        <p class="small muted p-2">
          {t("visit.cancelLate", {
            when: dateTime(props.visit.cancelUntil, props.visit.zone),
            phone: phoneText(props.doctor?.phone ?? ""),
          })}{" "}
          <Show when={props.doctor}>{(doctor) => <a href={telLink(doctor().phone)}>{t("nav.call")}</a>}</Show>
        </p>
      }
    >
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
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Button variant="danger" wide busy={busy()} busyText={t("visit.cancelling")} onClick={() => void run()}>
          {t("visit.cancelLong")}
        </Button>
        <Button variant="secondary" wide onClick={() => setOpen(false)}>
          {t("visit.keep")}
        </Button>
      </Dialog>
    </Show>
  );
}
