import {
  endProxy,
  listProxies,
  type ProxyBasis,
  type ProxyLink,
  type ProxyScope,
  proxyBases,
  verifyProxy,
} from "@episante/contracts/patient";
import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createEnding } from "../../../shared/lib/ending.ts";
import { dateOnly, dayInstant, dayOf, years } from "../../../shared/lib/format.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { type PatientMin, patientName } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";

const refreshMs = 30_000;
const adult = 18;
const minorBases: readonly ProxyBasis[] = ["parent", "guardian"];
const day = (value: string) => dateOnly(dayInstant(value), "UTC");

/** Links between relatives that the clinic handles: those to verify first, then those in force. For staff. */
export function ProxyLinks() {
  const links = createLoad(
    () => true,
    (_, signal) => call(listProxies, { signal }),
  );
  createInterval(() => void links.reload(), refreshMs);
  const [told, setTold] = createSignal("");
  const [ending, setEnding] = createSignal<ProxyLink>();
  const waiting = createMemo(() => (links.value()?.items ?? []).filter((link) => link.status !== "active"));
  const inForce = createMemo(() => (links.value()?.items ?? []).filter((link) => link.status === "active"));
  const done = (text: string) => {
    setTold(text);
    setEnding(undefined);
    void links.reload();
  };
  return (
    <section class="c-card" aria-labelledby="proxy-links">
      <h2 id="proxy-links">{t("proxies.title")}</h2>
      <p role="status">{told() || (links.value() && waiting().length === 0 ? t("proxies.none") : "")}</p>
      <Show when={links.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void links.reload()} />}</Show>
      <ul class="x-links">
        <For each={waiting().map((link) => link.id)}>
          {(id) => (
            <Show when={waiting().find((link) => link.id === id)}>
              {(link) => <Waiting link={link()} onDone={done} onRefuse={() => setEnding(link())} />}
            </Show>
          )}
        </For>
      </ul>
      <Show when={inForce().length > 0}>
        <h3>{t("proxies.inForce")}</h3>
        <ul class="x-links">
          <For each={inForce()}>
            {(link) => (
              <li class="c-split">
                <span>
                  <b>{t("proxies.pair", { proxy: patientName(link.proxy), patient: patientName(link.patient) })}</b>
                  <br />
                  <small class="s-note">{factsOf(link)}</small>
                </span>
                <Button variant="secondary" onClick={() => setEnding(link)}>
                  {t("proxies.end")}
                  <span class="sr">{` ${t("proxies.pair", { proxy: patientName(link.proxy), patient: patientName(link.patient) })}`}</span>
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={ending()} keyed>
        {(link) => <EndDialog link={link} onClose={() => setEnding(undefined)} onDone={() => done(t("proxies.ended"))} />}
      </Show>
    </section>
  );
}

function factsOf(link: ProxyLink): string {
  return [
    t(`proxies.basis.${link.basis}`),
    link.scopes.map((scope) => t(`proxies.scope.${scope}`)).join(", "),
    link.verifiedBy === "patient" ? t("proxies.byPatient") : link.evidence ? t("proxies.seenWas", { seen: link.evidence.seen }) : "",
    link.until ? t("proxies.until", { date: day(link.until) }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** A person of a link in one line: NOM Prénom, born (age), file number. */
function personLine(
  person: Pick<PatientMin, "givenName" | "familyName" | "birthDate"> & { fileNumber?: string | undefined },
  nowMs: number,
) {
  const born = t("proxies.born", { date: day(person.birthDate), age: years(person.birthDate, nowMs) });
  return [patientName(person), born, person.fileNumber ? t("alerts.file", { number: person.fileNumber }) : ""].filter(Boolean).join(" · ");
}

/** One request, or a link whose relative has come of age: what was asked, and what staff have seen. */
function Waiting(props: { link: ProxyLink; onDone: (told: string) => void; onRefuse: () => void }) {
  const { now, zone } = useConsole();
  const form = createUniqueId();
  const isReview = () => props.link.status === "review";
  const subject = () => props.link.patient ?? props.link.asked;
  const bases = () => {
    const isMinor = years(subject().birthDate, now()) < adult;
    return proxyBases.filter((basis) => (isMinor ? minorBases.includes(basis) : basis !== "parent"));
  };
  const [basis, setBasis] = createSignal<ProxyBasis | undefined>(bases().find((one) => one === props.link.basis) ?? bases()[0]);
  const [file, setFile] = createSignal<PatientMin["id"] | "">(props.link.candidates[0]?.id ?? "");
  const [scopes, setScopes] = createSignal<readonly ProxyScope[]>(props.link.scopes);
  const [seen, setSeen] = createSignal("");
  const [until, setUntil] = createSignal(props.link.until ?? "");
  const [tried, setTried] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  let box: HTMLFormElement | undefined;
  const seenError = () => (tried() && seen().trim().length < 3 ? t("proxies.error.seen") : undefined);
  const untilError = () => (tried() && until() !== "" && until() < dayOf(now(), zone()) ? t("proxies.error.until") : undefined);
  const scopesError = () => (tried() && scopes().length === 0 ? t("proxies.error.scopes") : undefined);

  async function verify(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const chosen = basis();
    if (busy() || !chosen) return;
    setTried(true);
    setProblem(undefined);
    if (seenError() || untilError() || scopesError()) {
      queueMicrotask(() => box?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    const patientId = file();
    setBusy(true);
    const result = await call(verifyProxy, {
      params: { id: props.link.id },
      body: {
        basis: chosen,
        seen: seen().trim(),
        scopes: [...scopes()],
        ...(until() ? { until: until() } : {}),
        ...(patientId && !isReview() ? { patientId } : {}),
      },
    });
    setBusy(false);
    if (!result.ok) return void setProblem(result.problem);
    props.onDone(t("proxies.verified", { proxy: patientName(props.link.proxy), patient: patientName(result.value.patient) }));
  }
  return (
    <li>
      <form class="m-form" ref={box} onSubmit={verify} noValidate aria-labelledby={`${form}-who`}>
        <p id={`${form}-who`}>
          <b>{personLine(props.link.proxy, now())}</b>
          <br />
          {t(isReview() ? "proxies.forReview" : "proxies.for", { patient: personLine(subject(), now()) })}
        </p>
        <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
        <div class="m-fields">
          <div class="field">
            <label for={`${form}-basis`}>{t("proxies.basis")}</label>
            <span class="c-select">
              <select
                id={`${form}-basis`}
                class="input"
                value={basis()}
                onChange={(event) => setBasis(bases().find((one) => one === event.currentTarget.value))}
              >
                <For each={bases()}>
                  {(one) => (
                    <option value={one} selected={one === basis()}>
                      {t(`proxies.basis.${one}`)}
                    </option>
                  )}
                </For>
              </select>
            </span>
          </div>
          <Field
            label={t("proxies.seen")}
            hint={t("proxies.seenHint")}
            autocomplete="off"
            maxLength={200}
            value={seen()}
            onInput={setSeen}
            error={seenError()}
          />
          <Field
            label={t("proxies.untilLabel")}
            hint={t("proxies.untilHint")}
            type="date"
            min={dayOf(now(), zone())}
            value={until()}
            onInput={setUntil}
            error={untilError()}
          />
          <fieldset class="s-group">
            <legend>{t("proxies.rights")}</legend>
            <Show when={scopesError()}>
              <p class="error" id={`${form}-rights`}>
                {scopesError()}
              </p>
            </Show>
            <For each={props.link.scopes}>
              {(scope) => (
                <label class="s-choice">
                  <input
                    type="checkbox"
                    checked={scopes().includes(scope)}
                    aria-invalid={scopesError() ? "true" : undefined}
                    aria-describedby={scopesError() ? `${form}-rights` : undefined}
                    onChange={(event) =>
                      setScopes(props.link.scopes.filter((one) => (one === scope ? event.currentTarget.checked : scopes().includes(one))))
                    }
                  />
                  {t(`proxies.scope.${scope}`)}
                </label>
              )}
            </For>
          </fieldset>
          <Show when={!isReview()}>
            <fieldset class="s-group">
              <legend>{t("proxies.file")}</legend>
              <For each={props.link.candidates}>
                {(candidate) => (
                  <label class="s-choice">
                    <input type="radio" name={`${form}-file`} checked={file() === candidate.id} onChange={() => setFile(candidate.id)} />
                    {personLine(candidate, now())}
                  </label>
                )}
              </For>
              <label class="s-choice">
                <input type="radio" name={`${form}-file`} checked={file() === ""} onChange={() => setFile("")} />
                {t(props.link.asked.fileNumber ? "proxies.fileAsked" : "proxies.fileNew", { number: props.link.asked.fileNumber ?? "" })}
              </label>
            </fieldset>
          </Show>
        </div>
        <div class="c-row">
          <Button type="submit" busy={busy()}>
            {t("proxies.verify")}
          </Button>
          <Button variant="secondary" onClick={() => props.onRefuse()}>
            {t("proxies.refuse")}
          </Button>
        </div>
      </form>
    </li>
  );
}

function EndDialog(props: { link: ProxyLink; onClose: () => void; onDone: () => void }) {
  const { busy, problem, run } = createEnding(
    () => call(endProxy, { params: { id: props.link.id } }),
    () => props.onDone(),
  );
  const isRequest = () => props.link.status === "requested";
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={t("proxies.endAsk", { proxy: patientName(props.link.proxy), patient: patientName(props.link.patient ?? props.link.asked) })}
      description={t(isRequest() ? "proxies.refuseEffect" : "proxies.endEffect")}
      modalOnly
    >
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div class="c-row">
        <Button variant="danger" busy={busy()} onClick={() => void run()}>
          {t(isRequest() ? "proxies.refuse" : "proxies.end")}
        </Button>
        <Button variant="secondary" onClick={() => props.onClose()}>
          {t("proxies.keep")}
        </Button>
      </div>
    </Dialog>
  );
}
