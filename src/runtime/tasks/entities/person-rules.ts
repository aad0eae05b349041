import type { EntityRule } from './entity-rule.ts';
import { FIRST_NAMES, PLACES } from './names.ts';

/** A word as names have it: "Keller", "O'Reilly", "Mary-Ann", "McDonald". */
export const CAPITAL = String.raw`\p{Lu}[\p{L}\p{M}'’-]+`;
const PARTICLE = '(?:van|von|vom|de|da|do|dos|das|del|della|der|den|ten|di|du|la|le|al|bin|ibn|ben|El|zu|y|af|av)';
const INITIAL = String.raw`\p{Lu}\.`;
const WORD = `(?:${CAPITAL}|${INITIAL})`;
/** One name or several: "Anna", "J. R. Keller", "Lucía Fernández de la Cruz". */
const NAME = String.raw`(?:${INITIAL}\s?){0,3}${CAPITAL}(?:(?:[ \t]+${PARTICLE}){0,3}[ \t]+${WORD}){0,3}`;
/** Two words at least. */
const FULL_NAME = String.raw`(?:(?:${INITIAL}\s?){1,3}${CAPITAL}|${CAPITAL}(?:(?:[ \t]+${PARTICLE}){0,3}[ \t]+${WORD}){1,3})`;

const TITLE =
  'Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Professor|Sir|Madam|Rev|Captain|Capt|Sgt|Officer|Judge|Nurse|Herr|Herrn|Frau|Monsieur|Madame|Mademoiselle|Mme|Mlle|Señor|Señora|Señorita|Sr|Sra|Srta|Don|Doña|Signor|Signora|Sig|Sig\\.ra|Dott|Dott\\.ssa|Ing|Senhor|Senhora|Dhr|Mevr|Mevrouw|Meneer|Pan|Pani|Dipl\\.-Ing|Mag';

const DEGREE = String.raw`(?:(?:med|iur|jur|phil|rer|nat|h\.c|dent|vet)\.[ \t]+)*`;
const TITLES = String.raw`(?:(?:${TITLE})\.?[ \t]+)*${DEGREE}`;

const INTRODUCTION =
  "[Mm]y name(?:'s| is)|[Ii] am called|[Cc]all me|[Tt]his is|[Tt]hese are|[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|[Jj]e m['’]appelle|[Mm]on nom est|[Mm]e llamo|[Mm]i nombre es|[Mm]i chiamo|[Ii]l mio nome è|[Mm]eu nome é|[Cc]hamo-me|[Mm]ijn naam is|[Ii]k heet|[Nn]azywam się|[Jj]ag heter|[Mm]itt namn är|[Mm]it navn er|[Jj]eg hedder|[Nn]avnet mitt er|[Nn]imeni on|[Bb]enim adım|[Nn]umele meu este|[Мм]еня зовут";

/** Words before a name that are no field: "Dear Anna", "Hi Tom". */
const ADDRESS_FORM =
  '[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Ll]iebe[rs]?|[Hh]allo|[Ss]ehr geehrte[rs]?|[Bb]onjour|[Cc]h(?:er|ère)|[Hh]ola|[Qq]uerid[oa]|[Ee]stimad[oa]|[Cc]iao|[Cc]ar[oa]|[Gg]entile|[Oo]lá|[Cc]aro|[Bb]este|[Gg]eachte|[Hh]ej|[Kk]ære';

const FIELD =
  '[Nn]ame|[Ff]ull name|[Ff]irst name|[Ll]ast name|[Ss]urname|[Pp]atient(?:in)?|[Ee]mployee|[Cc]ustomer|[Cc]lient|[Cc]ontact(?: person)?|[Aa]ttn|[Aa]ttention|[Gg]uest|[Tt]enant|[Ll]andlord|[Aa]pplicant|[Bb]eneficiary|[Aa]ccount holder|[Cc]ardholder|[Ss]tudent|[Dd]river|[Ww]itness|[Ii]nsured|[Pp]olicy ?holder|[Ss]igned(?: by)?|[Aa]uthor|[Ss]ender|[Rr]ecipient|[Ff]rom|[Tt]o|[Cc]c|[Bb]cc|[Ss]hip to|[Bb]ill to|[Dd]eliver to|[Vv]orname|[Nn]achname|[Kk]unde|[Kk]undin|[Mm]ieter(?:in)?|[Mm]itarbeiter(?:in)?|[Kk]ontoinhaber(?:in)?|[Nn]om|[Pp]rénom|[Dd]estinataire|[Nn]ombre|[Aa]pellidos?|[Nn]ome|[Cc]ognome|[Nn]aam|[Ii]mię|[Nn]azwisko|[Nn]amn|[Nn]avn';

const CLOSING =
  '[Rr]egards|[Ss]incerely|[Cc]heers|[Tt]hanks|[Tt]hank you|[Ww]ishes|[Ll]ove|[Yy]ours(?: truly| faithfully| sincerely)?|[Gg]r(?:ü|ue)(?:ß|ss)en?|[Cc]ordialement|[Bb]ien à vous|[Ss]alutations|[Ss]aludos|[Aa]tentamente|[Cc]ordialmente|[Ss]aluti|[Aa]tenciosamente|[Cc]umprimentos|[Gg]roet(?:en)?|[Hh]älsning(?:ar)?|[Hh]ilsen|[Pp]ozdrawiam|poważaniem';

/** What stands where a name could and is none. */
const NOT_A_PERSON =
  /^(?:[A-Z]{2,4}$|(?:Sir|Madam|Team|Please|Thank|Thanks|The|We|Support|Customer|There|All|Everyone|Everybody|Order|Invoice|Sales|Service|Damen|Herren|Investor|Colleague|Colleagues|Friend|Friends|Folks|Mum|Dad|Accounts?|Billing|Finance|Office|Hotel|Number|Our|Your|My|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)/;

const isPerson = (text: string) => !NOT_A_PERSON.test(text);

/** Names by what stands around them, in order of trust. */
export const PERSON_RULES: readonly EntityRule[] = [
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?<![\p{L}])(?:(?:${TITLE})\.?[ \t]+)+${DEGREE}(?<v>${NAME})`, 'gu'),
    score: 0.95,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?:${INTRODUCTION})\s+${TITLES}(?<v>${NAME})`, 'gu'),
    score: 0.85,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?<![\p{L}])(?:${ADDRESS_FORM})[ \t]+${TITLES}(?<v>${NAME})`, 'gu'),
    score: 0.85,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?<![\p{L}])(?:${FIELD})[ \t]*[:=][ \t]*(?:(?:${TITLE})\.?[ \t]+)*(?<v>${FULL_NAME}|${CAPITAL}, ${CAPITAL})`,
      'gu',
    ),
    score: 0.85,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?<![\p{L}])(?:[Pp]atient|[Ee]mployee|[Tt]enant|[Ww]itness|[Aa]pplicant|[Mm]rs?|[Gg]uest|[Bb]rother|[Ss]ister|[Ww]ife|[Hh]usband|[Ss]on|[Dd]aughter|[Mm]other|[Ff]ather|[Cc]olleague|[Bb]oss|[Nn]eighbour|[Nn]eighbor)[ \t]+(?<v>${NAME})`,
      'gu',
    ),
    score: 0.8,
    accept: isPerson,
  },
  // "I, Anna Keller, …", "I'm Anna Keller", "Ich bin …", "Soy …".
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?<![\p{L}])(?:I,|I am|I['’]m|[Ii]ch bin|[Jj]e suis|[Ss]oy|[Ss]ono|[Ss]ou (?:o|a)|[Ii]k ben|[Jj]ag är|[Jj]eg er)[ \t]+${TITLES}(?<v>${FULL_NAME})`,
      'gu',
    ),
    score: 0.75,
    accept: isPerson,
  },
  // "Anna Keller <anna@…>" and "Keller, Anna <anna@…>".
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?<v>${NAME}|${CAPITAL}, ${CAPITAL})["']?[ \t]*<(?=[\w.+-]+@)`, 'gu'),
    score: 0.9,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?:${CLOSING})\s*[,!.]?\s*\n+\s*(?<v>${NAME})(?=\s*(?:\n|$|,))`, 'gu'),
    score: 0.85,
    accept: isPerson,
  },
  {
    kind: 'person',
    pattern: new RegExp(
      String.raw`(?=(?<![\p{L}])(?<v>${CAPITAL}(?:[ \t]+${INITIAL})*(?:[ \t]+${PARTICLE}){0,3}[ \t]+${CAPITAL}(?:-${CAPITAL})?)(?![\p{L}]))`,
      'gu',
    ),
    score: 0.8,
    accept: (text) => {
      const [first = '', ...rest] = text.split(/\s+/);
      const last = rest.at(-1) ?? '';
      return isFirstName(first) && !PLACES.has(last) && !COMMON.has(last.toLowerCase());
    },
  },
  {
    kind: 'person',
    pattern:
      /(?:我叫|我的名字是|姓名[:：]?\s*|私は|名前は)(?<v>[\p{Script=Han}\p{Script=Katakana}]{2,4}?)(?=です|[，。,\s的]|$)/gu,
    score: 0.8,
  },
  // Two initials and a name: "J. R. Keller"; names in capitals: "ANNA KELLER".
  {
    kind: 'person',
    pattern: new RegExp(String.raw`(?<![\p{L}\p{N}.])(?<v>(?:${INITIAL}\s?){1,3}\p{Lu}\p{Ll}[\p{L}'’-]+)`, 'gu'),
    score: 0.7,
  },
  {
    kind: 'person',
    pattern: /(?<![\p{L}])\p{Lu}{3,}(?:[ \t]+\p{Lu}\.)?[ \t]+\p{Lu}{2,}(?:-\p{Lu}{2,})?(?![\p{L}])/gu,
    score: 0.7,
    accept: (text) => FIRST_NAMES.has((text.split(/\s+/)[0] ?? '').toLowerCase()),
  },
];

/** "José" is "jose" in the list, "Mary-Ann" is "mary". */
function isFirstName(word: string): boolean {
  const plain = word.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return FIRST_NAMES.has(word.toLowerCase()) || FIRST_NAMES.has(plain) || FIRST_NAMES.has(plain.split('-')[0] ?? '');
}

/** First names that are words, months or places as well. */
const AMBIGUOUS: ReadonlySet<string> = new Set(
  'mark rose grace frank june may will jack dean rich art bill bob sue virginia florence sydney victoria sofia chase jan eve ray drew max hope faith joy dawn amber ruby pearl iris lily alba'.split(
    ' ',
  ),
);

/** Words that follow a first name without being a family name. */
const COMMON: ReadonlySet<string> = new Set('street road and the is was from bank university day lane'.split(' '));

export const LONE_NAME: EntityRule = {
  kind: 'person',
  pattern: new RegExp(String.raw`(?<![\p{L}])${CAPITAL}(?![\p{L}])`, 'gu'),
  score: 0.6,
  accept: (text) => {
    const name = text.replace(/['’]s$/, '');
    return isFirstName(name) && !AMBIGUOUS.has(name.toLowerCase()) && !PLACES.has(name);
  },
};

/** Capitalised words that come in pairs and name no person. */
const PAIRED: ReadonlySet<string> = new Set(
  `the a an this that these those our your my his her its we you they i in on at to for from of by with and or if when where while after before please
  dear hi hello thank thanks best kind regards yours no yes not new old great good happy merry terms conditions customer client support service sales
  marketing finance human resources head manager director officer chief executive board department team office company group bank insurance university
  college school hospital clinic hotel restaurant street road avenue lane square park bridge station airport port lake river mount mountain sea ocean
  north south east west northern southern eastern western central monday tuesday wednesday thursday friday saturday sunday january february march april
  may june july august september october november december spring summer autumn winter christmas easter english german french spanish italian portuguese
  dutch american british european chinese japanese united states kingdom union order invoice number reference account card credit debit total amount
  subject re fwd date time page chapter section article figure table appendix note notes version agreement contract project policy report annual general
  data protection privacy act law court high supreme federal national state ministry council city town county prime minister president king queen
  black white red blue green golden big small first second third last next black cyber world cup olympic games premier league champions
  microsoft google apple amazon windows office excel word power point visual studio react node java script python open source machine learning
  artificial intelligence customer care help desk call centre center quality control supply chain due value added tax sehr geehrte damen herren
  ihr ihre ihren ihrem mein meine dein deine sein seine unser unsere mit freundlichen grüßen vielen dank der die das ein eine und oder im am zum zur bei nach von rechnung rechnungsnummer kunde datum betrag straße
  mr mrs ms mx miss dr prof professor sir madam rev captain judge nurse herr herrn frau monsieur madame mme mlle señor señora sr sra don signor signora
  sig dott ing senhor senhora dhr mevr mevrouw pan pani ich je yo io eu ik jag jeg soy sono liebe lieber hallo bonjour hola ciao
  le la les un une des du de el los las una il lo gli o os as um uma het een`
    .split(/\s+/)
    .filter(Boolean),
);

/**
 * Two or three capitalised words that no list knows. Before a text is shared a name too many is better than one too few; elsewhere
 * this would call too much a person.
 */
export const LIKELY_NAME: EntityRule = {
  kind: 'person',
  pattern: new RegExp(
    String.raw`(?<![\p{L}\p{N}.])(?<v>${CAPITAL}(?:[ \t]+${PARTICLE}){0,3}(?:[ \t]+${CAPITAL}){1,2})(?![\p{L}\p{N}])`,
    'gu',
  ),
  score: 0.55,
  accept: (text) =>
    text
      .split(/[ \t]+/)
      .every((word) =>
        /^\p{Lu}/u.test(word)
          ? !PAIRED.has(word.toLowerCase()) && !PLACES.has(word) && !/\p{Lu}{2,}$/u.test(word)
          : true,
      ) && !PLACES.has(text),
};
