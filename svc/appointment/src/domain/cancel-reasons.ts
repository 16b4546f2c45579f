import type { CancelReasons } from "@episante/contracts/cancel-reason";

/** What is offered until a clinic sets its own. Nobody is made to say what they have: none names an illness. */
export const defaultCancelReasons: CancelReasons = {
  patient: [
    { fr: "Je suis malade", en: "I am ill" },
    { fr: "Je vais mieux", en: "I am better" },
    { fr: "J’ai un autre empêchement", en: "Something else came up" },
    { fr: "J’ai trouvé un autre rendez-vous", en: "I found another appointment" },
  ],
  staff: [
    { fr: "Médecin absent", en: "Doctor absent" },
    { fr: "À la demande du patient", en: "At the patient’s request" },
    { fr: "Erreur de saisie", en: "Booked by mistake" },
  ],
};
