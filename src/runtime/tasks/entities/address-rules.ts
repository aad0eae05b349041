import type { EntityRule } from './entity-rule.ts';
import { CAPITAL } from './person-rules.ts';

const NUMBER = String.raw`\d{1,5}(?:\s?(?:[a-zA-Z]|bis|ter)(?![\p{L}]))?(?:\s?[-/]\s?\d{1,4}[a-zA-Z]?)?`;
/** "10115 Berlin", "1017 GP Amsterdam", "80-831 Gdańsk", "4050-265 Porto", "NW1 6XE". */
const TOWN = String.raw`(?:,?[ \t]*\n?[ \t]*(?:[A-Z]{1,2}-)?(?:\d{4,5}(?:-\d{3})?|\d{2}-\d{3}|\d{3} \d{2}|\d{4}\s[A-Z]{2})\s+${CAPITAL}(?:[ -]${CAPITAL})?)?`;
const BRITISH = String.raw`[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}`;

const rule = (source: string, score = 0.85): EntityRule => ({
  kind: 'address',
  pattern: new RegExp(source, 'gu'),
  score,
});

/** Streets with numbers, by the habits of countries, and what stands behind them. */
export const ADDRESS_RULES: readonly EntityRule[] = [
  rule(
    String.raw`(?<![\p{L}\d])(?:(?:[Aa]pt|[Aa]partment|[Ff]lat|[Ss]uite|[Uu]nit)\.?\s*\w{1,5},?\s+)?\d{1,5}[a-zA-Z]?,?\s+(?:(?:N|S|E|W|North|South|East|West)\.?\s+)?(?:(?:${CAPITAL}|\d{1,3}(?:st|nd|rd|th))\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Way|Boulevard|Blvd|Place|Pl|Square|Sq|Terrace|Close|Crescent|Parkway|Pkwy|Row|Hill|Gardens|Grove|Mews|Walk|Highway|Hwy|Circle|Cir|Trail|Quay)\b\.?(?:,?\s+(?:Apt|Apartment|Flat|Suite|Unit|#)\.?\s*\w+)?(?:,\s*${CAPITAL}(?:\s\p{Lu}\p{Ll}[\p{L}'’-]*)?)?(?:,?\s+(?:[A-Z]{2}\s+\d{5}(?:-\d{4})?|${BRITISH}))?`,
    0.9,
  ),
  rule(String.raw`\bP\.?\s?O\.?\s?Box\s+\d+(?:,\s*${CAPITAL}(?:\s${CAPITAL})?)?(?:,?\s+[A-Z]{2}\s+\d{5})?`, 0.9),
  // Street names that end in their kind: German, Dutch, Swedish, Danish, Norwegian.
  rule(
    String.raw`(?<![\p{L}])\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|steig|laan|straat|gracht|kade|plein|dijk|gatan|vägen|gade|vej|gata|veien|allé)\s+${NUMBER}${TOWN}`,
  ),
  rule(
    String.raw`(?<![\p{L}])${CAPITAL}(?:[ -]${CAPITAL})?\s+(?:Straße|Strasse|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer)\s+${NUMBER}${TOWN}`,
  ),
  rule(
    String.raw`(?<![\p{L}])(?:Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Unter den|Zum|Zur|Alter|Alte|Neuer|Neue)\s+${CAPITAL}(?:\s${CAPITAL})?\s+${NUMBER}${TOWN}`,
    0.75,
  ),
  // The number first: French.
  rule(
    String.raw`(?<![\p{L}\d])\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:[Rr]ue|[Aa]venue|[Aa]v\.|[Bb]oulevard|[Bb]d|[Pp]lace|[Qq]uai|[Aa]llée|[Cc]hemin|[Ii]mpasse|[Rr]oute|[Cc]ours|[Ss]quare|[Pp]assage)\s+(?:(?:de la|de l['’]|de|du|des|d['’])\s?)?${CAPITAL}(?:[ -](?:(?:de|du|la|des)\s)?${CAPITAL})*${TOWN}`,
  ),
  // The kind first, the number last: Spanish, Italian, Portuguese, Polish, Romanian.
  rule(
    String.raw`(?<![\p{L}])(?:Calle|C/|Avenida|Avda\.?|Av\.|Paseo|Plaza|Camino|Carrer|Rambla|Via|Viale|Corso|Piazza|Piazzale|Largo|Vicolo|Rua|Travessa|Praça|Estrada|Alameda|ul\.|al\.|os\.|pl\.|Strada|Str\.)\s+(?:(?:de la|de los|de las|de|del|della|dei|delle|da|do|das|dos|di)\s+)?${CAPITAL}(?:\s(?:(?:de|del|da|do|di|la)\s)?(?:${CAPITAL}|[IVX]+))*,?\s+(?:n\.?[º°]\s*)?${NUMBER}${TOWN}`,
  ),
  // A postcode that says by itself where somebody lives.
  rule(String.raw`(?<![\p{L}\d])${BRITISH}(?![\p{L}\d])`, 0.8),
];
