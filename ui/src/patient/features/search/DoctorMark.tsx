import { type DoctorItem, hueOf, initials } from "../directory.ts";

/** A doctor's initials in their colour; the name always stands beside it. */
export function DoctorMark(props: { doctor: DoctorItem; big?: boolean }) {
  return (
    <span class="mono" data-big={props.big ? "" : undefined} data-hue={hueOf(props.doctor.id)} aria-hidden="true">
      {initials(props.doctor)}
    </span>
  );
}
