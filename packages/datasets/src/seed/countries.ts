import { faker as german } from "@faker-js/faker/locale/de";
import { faker as american } from "@faker-js/faker/locale/en";
import { faker as british } from "@faker-js/faker/locale/en_GB";
import { faker as french } from "@faker-js/faker/locale/fr";
import type { Faker } from "@faker-js/faker";
import type { Random } from "./random.ts";

/** What customers of one country have in common: words to make names of, and the currency that they trade in. */
export interface Country {
  readonly name: string;
  readonly currency: "USD" | "EUR" | "GBP" | "JPY";
  /** What a cent's worth of goods costs in minor units of the currency. */
  readonly rate: number;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly regions: readonly string[];
  readonly companySuffixes: readonly string[];
  readonly phone: (random: Random) => string;
  readonly postalCode: (random: Random) => string;
}

const digits = (random: Random, count: number): string =>
  String(random.int(0, 10 ** count - 1)).padStart(count, "0");
const letter = (random: Random): string => String.fromCharCode(random.int(65, 90));

/** Faker's word lists, and not its functions: those take microseconds each, and there may be a million customers. */
function words(faker: Faker) {
  const { person, location } = faker.definitions;
  return {
    firstNames: [...(person.first_name.female ?? []), ...(person.first_name.male ?? [])],
    lastNames: person.last_name.generic ?? [],
    cities: location.city_name,
    regions: location.state,
  };
}

export const UNITED_STATES: Country = {
  ...words(american),
  name: "USA",
  currency: "USD",
  rate: 1,
  streets: american.definitions.location.street_name,
  companySuffixes: ["Inc.", "LLC", "Co.", "Group", "& Sons", "Trading, Inc."],
  phone: (random) => `(555) 01${digits(random, 1)}-${digits(random, 4)}`,
  postalCode: (random) => digits(random, 5),
};

const GREAT_BRITAIN: Country = {
  ...words(british),
  name: "United Kingdom",
  currency: "GBP",
  rate: 0.8,
  streets: british.definitions.location.street_name,
  companySuffixes: ["Ltd", "plc", "& Co.", "Holdings Ltd"],
  phone: (random) => `+44 1632 96${digits(random, 4)}`,
  postalCode: (random) =>
    `${letter(random)}${letter(random)}${random.int(1, 20)} ${random.int(1, 9)}${letter(random)}${letter(random)}`,
};

const GERMANY: Country = {
  ...words(german),
  name: "Germany",
  currency: "EUR",
  rate: 0.9,
  streets: german.definitions.location.street_name,
  companySuffixes: ["GmbH", "AG", "KG", "GmbH & Co. KG"],
  phone: (random) => `+49 30 23125 ${digits(random, 3)}`,
  postalCode: (random) => digits(random, 5),
};

const FRANCE: Country = {
  ...words(french),
  name: "France",
  currency: "EUR",
  rate: 0.9,
  streets: french.definitions.location.street_suffix.map((suffix) => `rue ${suffix}`),
  companySuffixes: ["SARL", "SA", "& Fils", "et Cie"],
  phone: (random) => `+33 1 99 00 ${digits(random, 2)} ${digits(random, 2)}`,
  postalCode: (random) => digits(random, 5),
};

const JAPAN: Country = {
  ...words(american),
  name: "Japan",
  currency: "JPY",
  rate: 1.5,
  cities: ["Tokyo", "Osaka", "Kyoto", "Nagoya", "Sapporo", "Fukuoka", "Kobe", "Sendai", "Hiroshima"],
  streets: ["Chuo-dori", "Meiji-dori", "Omotesando", "Yasukuni-dori", "Sotobori-dori"],
  regions: ["Kanto", "Kansai", "Chubu", "Hokkaido", "Kyushu", "Tohoku"],
  companySuffixes: ["K.K.", "Co., Ltd."],
  phone: (random) => `+81 3 5550 ${digits(random, 4)}`,
  postalCode: (random) => `${digits(random, 3)}-${digits(random, 4)}`,
};

/** Every country that customers come from; those of one currency have one rate. */
export const COUNTRIES: readonly Country[] = [UNITED_STATES, GREAT_BRITAIN, GERMANY, FRANCE, JAPAN];

/** Most customers pay in dollars. */
export function pickCountry(random: Random): Country {
  const draw = random.next();
  if (draw < 0.72) return UNITED_STATES;
  if (draw < 0.82) return GERMANY;
  if (draw < 0.9) return FRANCE;
  if (draw < 0.96) return GREAT_BRITAIN;
  return JAPAN;
}
