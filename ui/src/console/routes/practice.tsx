import { Show } from "solid-js";
import { Banner } from "../../shared/components/Banner.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { BusyFeeds } from "../features/practice/busy-feeds/BusyFeeds.tsx";
import { createDoctors } from "../features/practice/create-doctors.ts";
import { createPublished } from "../features/practice/create-published.ts";
import { DoctorChoice } from "../features/practice/DoctorChoice.tsx";
import { HoursForm } from "../features/practice/HoursForm.tsx";
import { ProfileForm } from "../features/practice/ProfileForm.tsx";
import { ReasonsForm } from "../features/practice/ReasonsForm.tsx";
import { t } from "../i18n/text.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** What must be known before patients can book: a doctor's profile, reasons and hours; staff see to the hours of all. */
export function PracticeRoute() {
  const { roles } = useConsole();
  return (
    <SettingsPage title={roles().includes("doctor") ? t("practice.title") : t("practice.hours")}>
      <Show when={roles().includes("doctor")} fallback={<StaffHours />}>
        <OwnPractice />
      </Show>
    </SettingsPage>
  );
}

function OwnPractice() {
  const { doctorId } = useConsole();
  const published = createPublished(doctorId);
  return (
    <Show when={doctorId() as `doc_${string}` | undefined} keyed>
      {(id) => (
        <>
          <Show when={published.problem()}>
            {(problem) => <ProblemBanner problem={problem()} onRetry={() => void published.reload()} />}
          </Show>
          <Show when={published.value() && !published.value()?.profile}>
            <Banner tone="notice" class="h-first">
              <b>{t("practice.unpublished")}</b>
              <p>{t("practice.unpublishedWhy")}</p>
            </Banner>
          </Show>
          <Show when={published.value() && { profile: published.value()?.profile }}>
            {(found) => <ProfileForm known={found().profile} onSaved={() => void published.reload()} />}
          </Show>
          <ReasonsForm doctorId={id} onSaved={() => undefined} />
          <HoursForm doctorId={id} />
          <BusyFeeds doctorId={id} />
        </>
      )}
    </Show>
  );
}

function StaffHours() {
  const doctors = createDoctors();
  return (
    <DoctorChoice doctors={doctors}>
      {(doctorId) => (
        <>
          <HoursForm doctorId={doctorId} />
          <BusyFeeds doctorId={doctorId} />
        </>
      )}
    </DoctorChoice>
  );
}
