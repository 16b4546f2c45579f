import { type Translation, translator } from "../../shared/i18n/i18n.ts";

/** What technical rules ask for and find: devices and what they send, never the patient's state. */
export const technicalFr = {
  "silence.title": "Plus aucune donnée",
  "silence.titleSignal": "{signal} : plus aucune mesure",
  "silence.rule": "rien reçu pendant {span}",
  "silence.why": "Rien n’a été reçu depuis {since}, attendu au moins toutes les {span}. Dernier envoi : appareil {devices}.",
  "silence.sentence": "Si rien n’est reçu d’un patient pendant {span}, alors {level}.",
  "silence.sentenceSignal": "Si aucune mesure de {signal} n’est reçue pendant {span}, alors {level}.",
  "not-worn.title": "Appareil non porté",
  "not-worn.rule": "se dit non porté",
  "not-worn.why": "L’appareil {devices} se dit non porté depuis {since}.",
  "not-worn.sentence": "Si un appareil se dit non porté pendant {span}, alors {level}.",
  "flat-line.title": "{signal} : valeur figée",
  "flat-line.rule": "même valeur sans variation",
  "flat-line.why":
    "{signal} est exactement à {value} depuis {span} ({n} mesures), alors que cette mesure varie toujours. Vérifiez le capteur.",
  "flat-line.sentence": "Si {signal} garde exactement la même valeur pendant {span}, alors {level}.",
  "flat-line.sentenceUsual": "Si {signal} garde exactement la même valeur pendant la durée habituelle de cette mesure, alors {level}.",
  "low-battery.title": "Batterie faible",
  "low-battery.rule": "batterie sous {value}",
  "low-battery.why": "Batterie à {value} (appareil {devices}).",
  "low-battery.sentence": "Si la batterie d’un appareil passe sous {value}, alors {level}, jusqu’à {clear}.",
  "clock-skew.title": "Horloge d’appareil décalée : {value}",
  "clock-skew.rule": "écart d’au moins {value}",
  "clock-skew.why": "L’horloge de l’appareil {devices} est décalée de {value}. Ses mesures datées du futur sont refusées.",
  "clock-skew.sentence": "Si l’horloge d’un appareil est décalée de {value} ou plus, alors {level}.",
  "signal-quality.title": "{signal} : qualité insuffisante",
  "signal-quality.rule": "mesures inutilisables",
  "signal-quality.sensor-fault": "Le capteur signale un défaut (code {value}). Aucune valeur n’est jugée tant que cela dure.",
  "signal-quality.implausible":
    "{n} mesures invraisemblables de suite, la dernière à {value}. Elles ne sont jamais jugées. Vérifiez le capteur.",
  "signal-quality.too-few-beats": "{value} battements valides sur 64 : le rythme ne peut pas être jugé.",
  "signal-quality.sentence":
    "Si {signal} arrive sans pouvoir être jugée (défaut du capteur, ou {n} valeurs invraisemblables de suite), alors {level}.",
} as const;

export const technicalEn: Translation<typeof technicalFr> = {
  "silence.title": "Nothing received",
  "silence.titleSignal": "{signal}: no more readings",
  "silence.rule": "nothing received for {span}",
  "silence.why": "Nothing has been received since {since}, expected at least every {span}. Last sent by device {devices}.",
  "silence.sentence": "If nothing is received from a patient for {span}, then {level}.",
  "silence.sentenceSignal": "If no reading of {signal} is received for {span}, then {level}.",
  "not-worn.title": "Device not worn",
  "not-worn.rule": "says it is not worn",
  "not-worn.why": "Device {devices} has said since {since} that nobody wears it.",
  "not-worn.sentence": "If a device says for {span} that it is not worn, then {level}.",
  "flat-line.title": "{signal}: value stuck",
  "flat-line.rule": "same value without variation",
  "flat-line.why": "{signal} has been exactly {value} for {span} ({n} readings), although it always varies. Check the sensor.",
  "flat-line.sentence": "If {signal} keeps the very same value for {span}, then {level}.",
  "flat-line.sentenceUsual": "If {signal} keeps the very same value for as long as is usual for it, then {level}.",
  "low-battery.title": "Battery low",
  "low-battery.rule": "battery under {value}",
  "low-battery.why": "Battery at {value} (device {devices}).",
  "low-battery.sentence": "If a device’s battery falls under {value}, then {level}, until {clear}.",
  "clock-skew.title": "Device clock skew: {value}",
  "clock-skew.rule": "off by {value} or more",
  "clock-skew.why": "The clock of device {devices} is off by {value}. Its readings from the future are refused.",
  "clock-skew.sentence": "If a device’s clock is off by {value} or more, then {level}.",
  "signal-quality.title": "{signal}: insufficient quality",
  "signal-quality.rule": "readings that cannot be used",
  "signal-quality.sensor-fault": "The sensor reports a fault (code {value}). No value is judged while that lasts.",
  "signal-quality.implausible":
    "{n} implausible readings one after the other, the last at {value}. They are never judged. Check the sensor.",
  "signal-quality.too-few-beats": "{value} valid beats of 64: the rhythm cannot be judged.",
  "signal-quality.sentence": "If {signal} comes but cannot be judged (a sensor fault, or {n} implausible values in a row), then {level}.",
};

/** Texts of technical rules. */
export const tt = translator({ fr: technicalFr, en: technicalEn });
