/** Made-up people. */

import type { ParticipantFields } from "../domain/participants.ts";
import { between, pick, type Chance } from "./chance.ts";

const firstNames = [
  ...[
    "Ana",
    "Wei",
    "Zoë",
    "Ibrahim",
    "Mateo",
    "Noor",
    "Olga",
    "Samuel",
    "Priya",
    "Łukasz",
    "Aaliyah",
    "Jonas",
    "Thandi",
    "Mehmet",
  ],
  ...[
    "Ingrid",
    "Carlos",
    "Hana",
    "Emeka",
    "Siobhán",
    "Dmitri",
    "Leila",
    "Tomoko",
    "Rosa",
    "Kwame",
    "Vera",
    "Yusuf",
    "Marta",
    "Bao",
  ],
];
const lastNames = [
  ...[
    "Pop",
    "Okafor",
    "Lindqvist",
    "Herrera",
    "Haddad",
    "Kowalski",
    "Nguyen",
    "O'Brien",
    "Petrova",
    "Tanaka",
    "Mbeki",
    "Yılmaz",
  ],
  ...[
    "Silva",
    "Schneider",
    "Kaur",
    "Ferrari",
    "Novák",
    "Jensen",
    "Osei",
    "Dubois",
    "Rahman",
    "Castillo",
    "Ivanov",
    "Marsh",
  ],
];
const languages = ["en", "en", "en", "es", "ro", "uk", "ar", "vi"];

export function drawHousehold(chance: Chance, place: number): ParticipantFields {
  const name = `${pick(chance, firstNames)} ${pick(chance, lastNames)}`;
  const children = pick(chance, [0, 0, 1, 1, 2, 2, 3, 4]);
  return {
    name,
    email: `${asciiOf(name)}.${place}@example.com`,
    adults: pick(chance, [1, 1, 2, 2, 2, 3]),
    children,
    infants: children > 0 && chance() < 0.3 ? 1 : 0,
    language: pick(chance, languages),
    program: chance() < 0.75 ? "Neighbourhood" : "Mobile pantry",
    active: between(chance, 1, 100) > 3,
  };
}

function asciiOf(name: string): string {
  const plain = name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll("ł", "l")
    .replaceAll("ı", "i")
    .replaceAll("'", "")
    .replaceAll(/[^a-z]+/g, ".");
}
