import { type ProxyScope, proxyScopes, type Relative, requestRelative } from "@episante/contracts/patient";
import { createMemo, createSignal, createUniqueId, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Choices } from "../../../shared/components/Choices.tsx";
import { ErrorSummary } from "../../../shared/components/ErrorSummary.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dayOf, ownZone } from "../../../shared/lib/format.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { t } from "../../i18n/t.ts";
import { BirthDate } from "./BirthDate.tsx";
import { birthDateOf } from "./register-form.ts";
import { basesFor, type RelativeValues, relativeFaults } from "./relative-form.ts";

/** The rights there are, with what each of them lets do. */
export const scopeOptions = () =>
  proxyScopes.map((value) => ({ value, text: t(`relatives.scope.${value}`), hint: t(`relatives.scopeHint.${value}`) }));

const empty: RelativeValues = {
  givenName: "",
  familyName: "",
  birthDay: "",
  birthMonth: "",
  birthYear: "",
  basis: "",
  scopes: ["book"],
  fileNumber: "",
  until: "",
};

/** Asks to act for a child or another patient. Nothing is granted by it: the clinic, or the grown-up relative, decides. */
export function RelativeForm(props: {
  clinics: readonly { id: `cli_${string}`; name: string }[];
  onAsked: (link: Relative) => void;
  onCancel: () => void;
}) {
  const form = createUniqueId();
  const [values, setValues] = createSignal(empty);
  const [clinicId, setClinicId] = createSignal(props.clinics[0]?.id);
  const [attempt, setAttempt] = createSignal(0);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const today = () => dayOf(serverNow(), ownZone());
  const faults = createMemo(() => relativeFaults(values(), today()));
  const bases = createMemo(() => basesFor(values(), today()), [], { equals: (a, b) => a.join() === b.join() });
  const isGrownUp = () => bases().length > 0 && !bases().includes("parent");
  const id = (field: keyof RelativeValues) => `${form}-${field}`;
  const set = (field: keyof RelativeValues) => (value: string) => setValues({ ...values(), [field]: value });
  const errorOf = (field: keyof RelativeValues) => {
    const fault = attempt() > 0 ? faults().find((entry) => entry.field === field) : undefined;
    return fault ? t(fault.key) : undefined;
  };
  const errors = () => (attempt() > 0 ? faults().map((fault) => ({ id: id(fault.field), text: t(fault.key) })) : []);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setProblem(undefined);
    const { basis, givenName, familyName, scopes, until, fileNumber } = values();
    if (faults().length > 0 || basis === "") {
      setAttempt(attempt() + 1);
      return;
    }
    setBusy(true);
    const clinic = clinicId();
    const result = await call(requestRelative, {
      body: {
        givenName: givenName.trim(),
        familyName: familyName.trim(),
        birthDate: birthDateOf(values()) ?? "",
        basis,
        scopes: [...scopes],
        ...(until ? { until } : {}),
        ...(isGrownUp() && fileNumber.trim() ? { fileNumber: fileNumber.trim() } : {}),
        ...(clinic ? { clinicId: clinic } : {}),
      },
    });
    setBusy(false);
    if (result.ok) props.onAsked(result.value);
    else setProblem(result.problem);
  }
  return (
    <form class="card stack" onSubmit={submit} noValidate aria-label={t("relatives.add")}>
      <ErrorSummary errors={errors()} attempt={attempt()} />
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <p class="small muted">{t("relatives.addLead")}</p>
      <Field
        id={id("givenName")}
        label={t("relatives.givenName")}
        autocomplete="off"
        value={values().givenName}
        onInput={set("givenName")}
        error={errorOf("givenName")}
      />
      <Field
        id={id("familyName")}
        label={t("relatives.familyName")}
        autocomplete="off"
        value={values().familyName}
        onInput={set("familyName")}
        error={errorOf("familyName")}
      />
      <BirthDate id={id} values={values()} set={set} errorOf={errorOf} ofAnother />
      <Show when={bases().length > 0}>
        <Choices
          id={id("basis")}
          legend={t("relatives.basis")}
          kind="radio"
          options={bases().map((value) => ({ value, text: t(`relatives.basis.${value}`) }))}
          chosen={[values().basis].filter((one) => one !== "")}
          onChange={([basis]) => basis && set("basis")(basis)}
          error={errorOf("basis")}
        />
      </Show>
      <Show when={isGrownUp()}>
        <Field
          id={id("fileNumber")}
          label={t("relatives.fileNumber")}
          hint={t("relatives.fileNumberHint")}
          autocomplete="off"
          value={values().fileNumber}
          onInput={set("fileNumber")}
        />
      </Show>
      <Choices
        id={id("scopes")}
        legend={t("relatives.rights")}
        kind="checkbox"
        options={scopeOptions()}
        chosen={values().scopes}
        onChange={(scopes: ProxyScope[]) => setValues({ ...values(), scopes })}
        error={errorOf("scopes")}
      />
      <Field
        id={id("until")}
        label={t("relatives.until")}
        hint={t("relatives.untilHint")}
        type="date"
        min={today()}
        value={values().until}
        onInput={set("until")}
        error={errorOf("until")}
      />
      <Show when={props.clinics.length > 1}>
        <Choices
          id={`${form}-clinic`}
          legend={t("relatives.clinic")}
          kind="radio"
          options={props.clinics.map(({ id: value, name }) => ({ value, text: name }))}
          chosen={[clinicId()].filter((one) => one !== undefined)}
          onChange={([clinic]) => setClinicId(() => clinic)}
        />
      </Show>
      <div class="grid gap-2">
        <Button type="submit" wide busy={busy()} busyText={t("relatives.asking")}>
          {t("relatives.ask")}
        </Button>
        <Button variant="secondary" wide onClick={() => props.onCancel()}>
          {t("relatives.cancel")}
        </Button>
      </div>
    </form>
  );
}
