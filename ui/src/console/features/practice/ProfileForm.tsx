import { listClinics } from "@episante/contracts/auth";
import { type Doctor, putMyProfile, specialties } from "@episante/contracts/doctor";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { capital, languageName } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { Saved } from "./Saved.tsx";

const usualLanguages = ["fr", "en", "ar", "es", "it", "pt", "de", "tr", "uk", "zh"];

/** What patients read about a doctor. `known` is absent until the profile was published once. */
export function ProfileForm(props: { known: Doctor | undefined; onSaved: () => void }) {
  const before = props.known;
  const ids = { specialty: createUniqueId(), languages: createUniqueId() };
  const clinics = createLoad(
    () => true,
    (_, signal) => call(listClinics, { signal }),
  );
  const [specialty, setSpecialty] = createSignal<string>(before?.specialty ?? "");
  const [languages, setLanguages] = createSignal<readonly string[]>(before?.languages ?? ["fr"]);
  const [sector, setSector] = createSignal(before?.sector ?? "1");
  const [wheelchair, setWheelchair] = createSignal(before?.wheelchair ?? false);
  const [acceptsNew, setAcceptsNew] = createSignal(before?.acceptsNew ?? true);
  const [about, setAbout] = createSignal({ fr: before?.about?.fr ?? "", en: before?.about?.en ?? "" });
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  const offered = () => [...new Set([...usualLanguages, ...(before?.languages ?? [])])];
  const half = () => (about().fr.trim() === "") !== (about().en.trim() === "");
  const wanted = () => specialties.find((name) => name === specialty());
  /** An address of the doctor's own stays; the clinic's is not written down a second time. */
  function ownPlace(): { address?: string; lat?: number; lng?: number } {
    const { known } = props;
    const clinic = clinics.value()?.items.find((entry) => entry.id === known?.clinicId);
    if (!known || !clinic || (clinic.address === known.address && clinic.lat === known.lat && clinic.lng === known.lng)) return {};
    return { address: known.address, lat: known.lat, lng: known.lng };
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const chosen = wanted();
    if (busy()) return;
    setFaulty(true);
    setProblem(undefined);
    if (!chosen || languages().length === 0 || half()) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const words = { fr: about().fr.trim(), en: about().en.trim() };
    const result = await call(putMyProfile, {
      body: {
        specialty: chosen,
        languages: [...languages()],
        sector: sector(),
        wheelchair: wheelchair(),
        acceptsNew: acceptsNew(),
        ...(words.fr === "" ? {} : { about: words }),
        ...ownPlace(),
      },
    });
    setBusy(false);
    setSaved(result.ok);
    if (result.ok) props.onSaved();
    else setProblem(result.problem);
  }
  return (
    <section class="c-card" aria-labelledby="profile-title">
      <h2 id="profile-title">{t("practice.profile")}</h2>
      <p class="s-note">{t("practice.profileWhy")}</p>
      <form ref={form} class="h-form" onSubmit={submit} onInput={() => setSaved(false)} noValidate>
        <div class="m-fields">
          <div class="field">
            <label for={ids.specialty}>{t("practice.specialty")}</label>
            <FieldError id={`${ids.specialty}-error`} text={faulty() && !wanted() ? t("practice.chooseSpecialty") : undefined} />
            <span class="c-select">
              <select
                id={ids.specialty}
                class="input"
                value={specialty()}
                aria-invalid={faulty() && !wanted() ? "true" : undefined}
                aria-describedby={faulty() && !wanted() ? `${ids.specialty}-error` : undefined}
                onChange={(event) => setSpecialty(event.currentTarget.value)}
              >
                <option value="">{t("practice.choose")}</option>
                <For each={specialties}>
                  {(name) => (
                    <option value={name} selected={name === specialty()}>
                      {t(`specialty.${name}`)}
                    </option>
                  )}
                </For>
              </select>
            </span>
          </div>
          <fieldset class="s-group">
            <legend>{t("practice.sector")}</legend>
            <For each={["1", "2"] as const}>
              {(name) => (
                <label class="s-choice">
                  <input type="radio" name="sector" checked={sector() === name} onChange={() => setSector(name)} />
                  {t(`practice.sector.${name}`)}
                </label>
              )}
            </For>
          </fieldset>
        </div>
        <fieldset class="s-group" aria-describedby={faulty() && languages().length === 0 ? ids.languages : undefined}>
          <legend>{t("practice.languages")}</legend>
          <FieldError id={ids.languages} text={faulty() && languages().length === 0 ? t("practice.chooseLanguage") : undefined} />
          <div class="h-choices">
            <For each={offered()}>
              {(code) => (
                <label class="s-choice">
                  <input
                    type="checkbox"
                    checked={languages().includes(code)}
                    aria-invalid={faulty() && languages().length === 0 ? "true" : undefined}
                    onChange={(event) =>
                      setLanguages(event.currentTarget.checked ? [...languages(), code] : languages().filter((other) => other !== code))
                    }
                  />
                  {capital(languageName(code))}
                </label>
              )}
            </For>
          </div>
        </fieldset>
        <div>
          <label class="s-choice">
            <input type="checkbox" checked={acceptsNew()} onChange={(event) => setAcceptsNew(event.currentTarget.checked)} />
            {t("practice.acceptsNew")}
          </label>
          <label class="s-choice">
            <input type="checkbox" checked={wheelchair()} onChange={(event) => setWheelchair(event.currentTarget.checked)} />
            {t("practice.wheelchair")}
          </label>
        </div>
        <div class="m-fields">
          <Field
            label={t("practice.aboutFr")}
            hint={t("practice.aboutWhy")}
            maxlength="120"
            value={about().fr}
            onInput={(fr) => setAbout({ ...about(), fr })}
            error={faulty() && half() && about().fr.trim() === "" ? t("practice.aboutBoth") : undefined}
          />
          <Field
            label={t("practice.aboutEn")}
            hint={t("practice.aboutWhy")}
            maxlength="120"
            value={about().en}
            onInput={(en) => setAbout({ ...about(), en })}
            error={faulty() && half() && about().en.trim() === "" ? t("practice.aboutBoth") : undefined}
          />
        </div>
        <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
        <div class="c-row">
          <Button type="submit" busy={busy()}>
            {props.known ? t("practice.saveProfile") : t("practice.publish")}
          </Button>
          <Saved when={saved()} />
        </div>
      </form>
    </section>
  );
}
