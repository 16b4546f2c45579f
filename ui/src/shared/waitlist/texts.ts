import { type Translation, translator } from "../i18n/i18n.ts";

/** Words of what somebody waits for. */
export const criteriaFr = {
  days: "Quels jours ?",
  daysHint: "Si vous n’en cochez aucun, tous conviennent.",
  part: "À quel moment ?",
  until: "Jusqu’à quand ? (facultatif)",
  untilHint: "Dernier jour où une place convient.",
  untilPast: "Le dernier jour est déjà passé.",
  "day.1": "lundi",
  "day.2": "mardi",
  "day.3": "mercredi",
  "day.4": "jeudi",
  "day.5": "vendredi",
  "day.6": "samedi",
  "day.7": "dimanche",
  "part.any": "Peu importe",
  "part.morning": "Le matin",
  "part.afternoon": "L’après-midi",
  "part.evening": "Le soir, à partir de 18 h",
  "words.anyDay": "tous les jours",
  "words.morning": "le matin",
  "words.afternoon": "l’après-midi",
  "words.evening": "le soir",
  "words.hours": "de {from} à {to}",
  "words.from": "à partir du {day}",
  "words.until": "jusqu’au {day}",
} as const;

export const criteriaEn: Translation<typeof criteriaFr> = {
  days: "Which days?",
  daysHint: "If you tick none, any day is fine.",
  part: "What time of day?",
  until: "Until when? (optional)",
  untilHint: "Last day on which a place would suit.",
  untilPast: "The last day has already passed.",
  "day.1": "Monday",
  "day.2": "Tuesday",
  "day.3": "Wednesday",
  "day.4": "Thursday",
  "day.5": "Friday",
  "day.6": "Saturday",
  "day.7": "Sunday",
  "part.any": "Any time",
  "part.morning": "In the morning",
  "part.afternoon": "In the afternoon",
  "part.evening": "In the evening, from 18:00",
  "words.anyDay": "any day",
  "words.morning": "in the morning",
  "words.afternoon": "in the afternoon",
  "words.evening": "in the evening",
  "words.hours": "from {from} to {to}",
  "words.from": "from {day}",
  "words.until": "until {day}",
};

/** Words of what somebody waits for, in the language on screen. */
export const tcr = translator({ fr: criteriaFr, en: criteriaEn });
