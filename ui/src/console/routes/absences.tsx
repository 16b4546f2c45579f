import { listAbsences } from "@episante/contracts/absence";
import { Show } from "solid-js";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { AbsenceList } from "../features/practice/AbsenceList.tsx";
import { AbsenceWizard } from "../features/practice/AbsenceWizard.tsx";
import { createDoctors, type Doctors } from "../features/practice/create-doctors.ts";
import { DoctorChoice } from "../features/practice/DoctorChoice.tsx";
import { tp } from "../i18n/practice-texts.ts";
import { SettingsPage } from "./settings-page.tsx";

/** When a doctor is away: the list, and the way to declare another absence. */
export function AbsencesRoute() {
  const doctors = createDoctors();
  return (
    <SettingsPage title={tp("absence.title")}>
      <DoctorChoice doctors={doctors}>{(doctorId) => <OfDoctor doctorId={doctorId} doctors={doctors} />}</DoctorChoice>
    </SettingsPage>
  );
}

function OfDoctor(props: { doctorId: `doc_${string}`; doctors: Doctors }) {
  const absences = createLoad(
    () => props.doctorId,
    (doctorId, signal) => call(listAbsences, { query: { doctorId }, signal }),
  );
  return (
    <>
      <Show when={absences.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void absences.reload()} />}</Show>
      <Show when={absences.value()}>{(known) => <AbsenceList absences={known().items} onEnded={() => void absences.reload()} />}</Show>
      <AbsenceWizard doctorId={props.doctorId} doctors={props.doctors.doctors()} onDeclared={() => void absences.reload()} />
    </>
  );
}
