import { Icon } from "../../../shared/components/Icon.tsx";
import { type DoctorItem, phoneText, telLink } from "../directory.ts";

/** Calls the clinic; says its number, or other words around it. */
export function PhoneLink(props: { doctor: DoctorItem; look: "quiet" | "more" | "button"; words?: (phone: string) => string }) {
  const classes = { quiet: "quiet -ml-3", more: "more", button: "btn" };
  const isButton = () => props.look === "button";
  const phone = () => phoneText(props.doctor.phone);
  return (
    <a
      class={classes[props.look]}
      data-variant={isButton() ? "secondary" : undefined}
      data-wide={isButton() ? "" : undefined}
      href={telLink(props.doctor.phone)}
    >
      <Icon name="phone" size={props.look === "more" ? 18 : 20} />
      {props.words ? props.words(phone()) : phone()}
    </a>
  );
}
