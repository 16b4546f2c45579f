import { acceptRelative, endRelative, type ProxyScope, type Relative } from "@episante/contracts/patient";
import { createSignal, createUniqueId, For, onMount, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Choices } from "../../../shared/components/Choices.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { Page } from "../../../shared/components/Page.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createEnding } from "../../../shared/lib/ending.ts";
import { dateOnly, dayInstant, dayOf, ownZone } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import { fullName, useActing } from "../shell/acting.ts";
import { RelativeForm, scopeOptions } from "./RelativeForm.tsx";

const day = (value: string) => dateOnly(dayInstant(value), "UTC");

/** The 18th birthday where the birth date is known, whatever zone the reader is in. */
function majorityOf(link: Relative, reviewAt: string): string {
  const [year, month, date] = (link.person.birthDate ?? "").split("-").map(Number);
  return year && month && date
    ? dateOnly(new Date(Date.UTC(year + 18, month - 1, date)).toISOString(), "UTC")
    : dateOnly(reviewAt, ownZone());
}

/** For whom somebody may act, who may act for them, and asking for a new link. */
export function Relatives() {
  const { list, problem, refresh } = useActing();
  const [adding, setAdding] = createSignal(false);
  const [told, setTold] = createSignal<string>();
  onMount(() => void refresh());
  const links = (role: Relative["role"]) => (list()?.items ?? []).filter((link) => link.role === role);
  return (
    <Page title={t("relatives.title")}>
      <p class="muted mt-2 narrow">{t("relatives.lead")}</p>
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} class="mt-4" onRetry={() => void refresh()} />}</Show>
      <Show when={told()}>
        <p class="banner mt-4 narrow" data-tone="good" role="status">
          <Icon name="check" />
          <span>{told()}</span>
        </p>
      </Show>
      <section class="section narrow" aria-labelledby="acting-for">
        <h2 id="acting-for">{t("relatives.mine")}</h2>
        <Links links={links("proxy")} none={t("relatives.noneMine")} onTold={setTold} />
        <Show
          when={adding()}
          fallback={
            <Button
              variant="secondary"
              icon="plus"
              class="mt-4"
              onClick={() => {
                setTold(undefined);
                setAdding(true);
              }}
            >
              {t("relatives.add")}
            </Button>
          }
        >
          <div class="mt-4">
            <RelativeForm
              clinics={list()?.clinics ?? []}
              onCancel={() => setAdding(false)}
              onAsked={(link) => {
                setAdding(false);
                setTold(t("relatives.asked", { name: fullName(link.person) }));
                void refresh();
              }}
            />
          </div>
        </Show>
      </section>
      <section class="section narrow" aria-labelledby="acting-for-me">
        <h2 id="acting-for-me">{t("relatives.forMe")}</h2>
        <Links links={links("patient")} none={t("relatives.noneForMe")} onTold={setTold} />
      </section>
    </Page>
  );
}

function Links(props: { links: readonly Relative[]; none: string; onTold: (text: string) => void }) {
  return (
    <Show when={props.links.length > 0} fallback={<p class="muted">{props.none}</p>}>
      <ul class="card rows">
        <For each={props.links}>{(link) => <LinkRow link={link} onTold={props.onTold} />}</For>
      </ul>
    </Show>
  );
}

function LinkRow(props: { link: Relative; onTold: (text: string) => void }) {
  const { acting, actFor, refresh } = useActing();
  const [open, setOpen] = createSignal<"end" | "accept">();
  const name = () => fullName(props.link.person);
  const isProxy = () => props.link.role === "proxy";
  const rights = () => props.link.scopes.map((scope) => t(`relatives.scope.${scope}`)).join(", ");
  const state = () => {
    if (props.link.status !== "active") return t(`relatives.state.${isProxy() ? "mine" : "forMe"}.${props.link.status}`);
    if (props.link.until) return t("relatives.activeUntil", { date: day(props.link.until) });
    return props.link.reviewAt ? t("relatives.activeReview", { date: majorityOf(props.link, props.link.reviewAt) }) : t("relatives.active");
  };
  const mayAccept = () => !isProxy() && (props.link.status === "requested" || props.link.status === "review");
  const endKey = () => (props.link.status === "requested" ? (isProxy() ? "withdraw" : "decline") : "end");
  const done = (text: string) => {
    setOpen(undefined);
    props.onTold(text);
    announce(text);
    void refresh();
  };
  return (
    <li class="rowline">
      <div>
        <h3 class="!text-18 !text-ink">{name()}</h3>
        <p class="small muted">
          {[
            props.link.person.birthDate ? t("account.born", { date: day(props.link.person.birthDate) }) : "",
            t(`relatives.basis.${props.link.basis}`),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p class="small">{t("relatives.rightsAre", { rights: rights() })}</p>
        <p class="small" classList={{ "font-semibold": props.link.status !== "active" }}>
          {state()}
        </p>
      </div>
      <div class="acts">
        <Show when={isProxy() && props.link.status === "active" && acting()?.linkId !== props.link.id}>
          <Button variant="quiet" icon="users" onClick={() => actFor(props.link.id)}>
            {t("relatives.actFor")}
            <span class="sr">{` ${name()}`}</span>
          </Button>
        </Show>
        <Show when={mayAccept()}>
          <Button variant="quiet" icon="check" onClick={() => setOpen("accept")}>
            {t("relatives.accept")}
            <span class="sr">{` ${name()}`}</span>
          </Button>
        </Show>
        <Button variant="quiet" tone="danger" icon="close" onClick={() => setOpen("end")}>
          {t(`relatives.${endKey()}`)}
          <span class="sr">{` ${name()}`}</span>
        </Button>
      </div>
      <Show when={open() === "end"}>
        <EndDialog
          link={props.link}
          kind={endKey()}
          onClose={() => setOpen(undefined)}
          onDone={() => done(t("relatives.ended", { name: name() }))}
        />
      </Show>
      <Show when={open() === "accept"}>
        <AcceptDialog link={props.link} onClose={() => setOpen(undefined)} onDone={() => done(t("relatives.accepted", { name: name() }))} />
      </Show>
    </li>
  );
}

function EndDialog(props: { link: Relative; kind: "end" | "withdraw" | "decline"; onClose: () => void; onDone: () => void }) {
  const { busy, problem, run } = createEnding(
    () => call(endRelative, { params: { id: props.link.id } }),
    () => props.onDone(),
  );
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={t("relatives.endAsk", { name: fullName(props.link.person) })}
      description={t(props.link.role === "proxy" ? "relatives.endEffectMine" : "relatives.endEffectForMe")}
      modalOnly
    >
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <Button variant="danger" wide busy={busy()} busyText={t("relatives.ending")} onClick={() => void run()}>
        {t(`relatives.${props.kind}Do`)}
      </Button>
      <Button variant="secondary" wide onClick={() => props.onClose()}>
        {t("relatives.keep")}
      </Button>
    </Dialog>
  );
}

function AcceptDialog(props: { link: Relative; onClose: () => void; onDone: () => void }) {
  const form = createUniqueId();
  const [scopes, setScopes] = createSignal<ProxyScope[]>([...props.link.scopes]);
  const [until, setUntil] = createSignal(props.link.until ?? "");
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const today = () => dayOf(serverNow(), ownZone());
  const untilError = () => (until() !== "" && until() < today() ? t("relatives.error.until") : undefined);
  const scopesError = () => (scopes().length === 0 ? t("relatives.error.scopes") : undefined);
  async function run(): Promise<void> {
    setTried(true);
    if (busy() || untilError() || scopesError()) return;
    setBusy(true);
    const body = { scopes: scopes(), ...(until() ? { until: until() } : {}) };
    const result = await call(acceptRelative, { params: { id: props.link.id }, body });
    setBusy(false);
    if (result.ok) props.onDone();
    else setProblem(result.problem);
  }
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={t("relatives.acceptAsk", { name: fullName(props.link.person) })}
      description={t("relatives.acceptEffect")}
    >
      <div class="patient-form stack">
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <Choices
          id={`${form}-scopes`}
          legend={t("relatives.rights")}
          kind="checkbox"
          options={scopeOptions().filter((option) => props.link.scopes.includes(option.value))}
          chosen={scopes()}
          onChange={setScopes}
          error={tried() ? scopesError() : undefined}
        />
        <Field
          id={`${form}-until`}
          label={t("relatives.until")}
          hint={t("relatives.untilHint")}
          type="date"
          min={today()}
          value={until()}
          onInput={setUntil}
          error={tried() ? untilError() : undefined}
        />
        <Button wide busy={busy()} onClick={() => void run()}>
          {t("relatives.acceptDo")}
        </Button>
        <Button variant="secondary" wide onClick={() => props.onClose()}>
          {t("relatives.later")}
        </Button>
      </div>
    </Dialog>
  );
}
