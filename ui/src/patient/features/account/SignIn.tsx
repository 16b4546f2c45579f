import { register } from "@episante/contracts/auth";
import { batch, createMemo, createSignal, createUniqueId, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { ErrorSummary, type FormError } from "../../../shared/components/ErrorSummary.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { problemText, tc } from "../../../shared/i18n/common.ts";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { type Me, useSession } from "../../../shared/lib/session.ts";
import { t } from "../../i18n/t.ts";
import { BirthDate } from "./BirthDate.tsx";
import { birthDateOf, isEmail, type RegisterValues, registerFaults } from "./register-form.ts";

const [values, setValues] = createSignal<RegisterValues>({
  givenName: "",
  familyName: "",
  birthDay: "",
  birthMonth: "",
  birthYear: "",
  email: "",
  password: "",
});

/**
 * Sign in or register, in place: the page around it, its URL and what was typed stay. What was typed is forgotten
 * once it has been accepted. `onDone` gets the account.
 */
export function SignIn(props: { onDone: (me: Me) => void; initial?: "in" | "up"; onMode?: (mode: "in" | "up") => void }) {
  const session = useSession();
  const form = createUniqueId();
  const [mode, setMode] = createSignal<"in" | "up">(props.initial ?? "in");
  const [attempt, setAttempt] = createSignal(0);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [refused, setRefused] = createSignal<Partial<Record<keyof RegisterValues, string>>>({});
  const [visible, setVisible] = createSignal(false);
  const id = (field: keyof RegisterValues) => `${form}-${field}`;
  const set = (field: keyof RegisterValues) => (value: string) => {
    batch(() => {
      setValues({ ...values(), [field]: value });
      setRefused({ ...refused(), [field]: undefined });
    });
  };

  const faults = createMemo(() => {
    if (mode() === "up") return registerFaults(values(), new Date(serverNow()).toISOString().slice(0, 10));
    const own: { field: keyof RegisterValues; key: "error.email" | "error.password" }[] = [];
    if (!isEmail(values().email)) own.push({ field: "email", key: "error.email" });
    if (values().password === "") own.push({ field: "password", key: "error.password" });
    return own;
  });
  const errorOf = (field: keyof RegisterValues) => {
    if (attempt() === 0) return undefined;
    const fault = faults().find((entry) => entry.field === field);
    return fault ? t(fault.key) : refused()[field];
  };
  const fieldOrder: (keyof RegisterValues)[] = ["givenName", "familyName", "birthDay", "birthMonth", "birthYear", "email", "password"];
  const errors = (): FormError[] =>
    fieldOrder.flatMap((field) => {
      const text = errorOf(field);
      return text ? [{ id: id(field), text }] : [];
    });

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setProblem(undefined);
    setRefused({});
    if (faults().length > 0) {
      setAttempt(attempt() + 1);
      return;
    }
    setBusy(true);
    const result = mode() === "in" ? await session.signIn({ email: values().email, password: values().password }) : await createAccount();
    setBusy(false);
    if (result.ok) {
      setValues({ givenName: "", familyName: "", birthDay: "", birthMonth: "", birthYear: "", email: "", password: "" });
      props.onDone(result.value);
      return;
    }
    showRefusal(result.problem);
  }

  async function createAccount() {
    const { email, password, givenName, familyName } = values();
    const birthDate = birthDateOf(values()) ?? "";
    const result = await call(register, { body: { email, password, givenName, familyName, birthDate, locale: locale() } });
    return result.ok ? session.afterCookie() : result;
  }

  /** A refusal that belongs to a field is shown there; the others above the form. */
  function showRefusal(refusal: CallProblem): void {
    const at: Partial<Record<string, keyof RegisterValues>> = { "email-taken": "email", "weak-password": "password" };
    const field = at[refusal.code];
    batch(() => {
      setAttempt(attempt() + 1);
      if (field) setRefused({ [field]: problemText(refusal) });
      else setProblem(refusal);
    });
  }
  const waitMinutes = () => Math.max(1, Math.ceil((problem()?.retryAfterSeconds ?? 60) / 60));

  return (
    <form class="stack narrow" onSubmit={submit} noValidate>
      <ErrorSummary errors={errors()} attempt={attempt()} />
      <Show when={problem()}>
        {(refusal) => (
          <Show when={refusal().code === "too-many-requests"} fallback={<ProblemBanner problem={refusal()} />}>
            <div class="banner" data-tone="critical" role="status">
              <Icon name="clock" />
              <p>{t("sign.wait", { n: waitMinutes() })}</p>
            </div>
          </Show>
        )}
      </Show>
      <fieldset>
        <legend class="sr">{t("sign.choose")}</legend>
        <div class="seg">
          {(["in", "up"] as const).map((choice) => (
            <label class="opt">
              <input
                type="radio"
                name={`${form}-mode`}
                checked={mode() === choice}
                onChange={() => {
                  batch(() => {
                    setMode(choice);
                    setAttempt(0);
                    setProblem(undefined);
                  });
                  props.onMode?.(choice);
                }}
              />
              <b class="font-semibold">{t(choice === "in" ? "sign.have" : "sign.new")}</b>
            </label>
          ))}
        </div>
      </fieldset>
      <Show when={mode() === "up"}>
        <Field
          id={id("givenName")}
          label={t("sign.givenName")}
          autocomplete="given-name"
          value={values().givenName}
          onInput={set("givenName")}
          error={errorOf("givenName")}
        />
        <Field
          id={id("familyName")}
          label={t("sign.familyName")}
          autocomplete="family-name"
          value={values().familyName}
          onInput={set("familyName")}
          error={errorOf("familyName")}
        />
        <BirthDate id={id} values={values()} set={set} errorOf={errorOf} />
      </Show>
      <Field
        id={id("email")}
        label={t("sign.email")}
        type="email"
        inputmode="email"
        autocomplete={mode() === "in" ? "username" : "email"}
        autocapitalize="none"
        spellcheck={false}
        value={values().email}
        onInput={set("email")}
        error={errorOf("email")}
      />
      <Field
        id={id("password")}
        label={t(mode() === "in" ? "sign.password" : "sign.newPassword")}
        hint={mode() === "up" ? t("sign.passwordHint") : undefined}
        type={visible() ? "text" : "password"}
        autocomplete={mode() === "in" ? "current-password" : "new-password"}
        autocapitalize="none"
        spellcheck={false}
        value={values().password}
        onInput={set("password")}
        error={errorOf("password")}
        after={
          <Button variant="secondary" onClick={() => setVisible(!visible())} aria-pressed={visible()}>
            <span aria-hidden="true">{tc(visible() ? "form.hide" : "form.show")}</span>
            <span class="sr">{tc(visible() ? "form.hidePassword" : "form.showPassword")}</span>
          </Button>
        }
      />
      <Button type="submit" wide busy={busy()} busyText={t(mode() === "in" ? "sign.signingIn" : "sign.signingUp")}>
        {t(mode() === "in" ? "sign.in" : "sign.up")}
      </Button>
      <p class="note">
        <Icon name="lock" />
        <span>{t("sign.data")}</span>
      </p>
    </form>
  );
}
