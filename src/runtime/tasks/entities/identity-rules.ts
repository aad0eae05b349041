import { type EntityRule, hasDigits } from './entity-rule.ts';

/** Names of numbers that tell one person from another, in the languages of the house. */
const NUMBERED =
  "ssn|sin|social security(?: number| no\\.?)?|passport(?: number| no\\.?)?|national (?:id|identity|insurance)(?: card)?(?: number| no\\.?)?|ni number|identity card(?: number)?|id (?:card|number)(?: number)?|driver'?s? licen[cs]e(?: number| no\\.?)?|driving licen[cs]e(?: number)?|(?:licen[cs]e |number )?plate(?: number)?|nhs number|medicare number|health insurance(?: number)?|tax (?:id|payer|identification)(?: number)?|tin|ein|vat id of the person|steuer-?id(?:entifikationsnummer)?|steuernummer|sozialversicherungsnummer|versichertennummer|personalausweis(?:nummer)?|reisepass(?:nummer)?|führerschein(?:nummer)?|kennzeichen|ahv(?:-nummer)?|insurance (?:number|no\\.?|policy)|policy (?:number|no\\.?)|member(?:ship)? (?:id|number)|employee (?:id|number|no\\.?)|staff (?:id|number)|student (?:id|number)|badge (?:id|number)|patient (?:id|number)|medical record(?: number)?|mrn|numéro de sécurité sociale|carte d['’]identité|passeport|nif|nie|dni|pasaporte|seguridad social|codice fiscale|carta d['’]identità|passaporto|cpf|rg|cartão de cidadão|niss|bsn|burgerservicenummer|paspoort(?:nummer)?|pesel|dowód(?: osobisty)?|personnummer|cpr(?:-nummer)?|fødselsnummer|aadhaar|pan(?: card)?";

/** Networks on which people have a name of their own. */
const NETWORKS =
  'instagram|insta|ig|twitter|telegram|discord|snapchat|snap|tiktok|threads|mastodon|bluesky|facebook|fb|linkedin|github|gitlab|reddit|twitch|youtube|skype|wechat|xbox|psn|steam';

/** Names of persons on networks: after an @, behind the network's name, in the address of a profile. */
export const HANDLE_RULES: readonly EntityRule[] = [
  {
    kind: 'handle',
    pattern:
      /\b(?:(?:www\.|[a-z]{2}\.|m\.)?(?:linkedin\.com\/(?:in|pub)|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|tiktok\.com|t\.me|github\.com|gitlab\.com|reddit\.com\/u(?:ser)?|snapchat\.com\/add|threads\.net|youtube\.com|twitch\.tv|medium\.com|xing\.com\/profile|mastodon\.social|bsky\.app\/profile|wa\.me|paypal\.me|venmo\.com))\/@?[\w.%+-]*[\w%+-]/giu,
    score: 0.9,
  },
  // "@lena.draws", "@anna@social.example"; what follows a letter is an email, and CSS and code have at-rules.
  {
    kind: 'handle',
    pattern:
      /(?<![\p{L}\p{N}._%+/@-])@(?!(?:media|import|param|returns?|type|override|ts-ignore|keyframes|font-face|all|here|everyone|channel)\b)[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,38}[\p{L}\p{N}_])?(?:@[\w-]+(?:\.[\w-]+)+)?/giu,
    score: 0.85,
    accept: (text) => /\p{L}/u.test(text),
  },
  {
    kind: 'handle',
    pattern: new RegExp(
      String.raw`(?<![\p{L}\p{N}])(?:${NETWORKS})(?:[ -]?(?:handle|name|user ?name|id|account|profile|konto|benutzername))?\s*(?:is|ist|est|es|è|é|:|=)\s*(?<v>[a-z][\w.-]{2,31}(?:#\d{4})?)`,
      'giu',
    ),
    score: 0.7,
    // A word of the language is no name: one that holds a figure or a sign is.
    accept: (text) => /[\d_.#]/.test(text) && !/^\d+$/.test(text),
  },
  {
    kind: 'handle',
    pattern:
      /(?<![\w#.])(?!(?:issue|bug|pr|ticket|order|case|chapter|page|item|no|nr|ref|invoice)#)[a-z][a-z\d._]{1,31}#\d{4}(?!\d)/gu,
    score: 0.85,
  },
];

/** Numbers of persons, by their name and by their form. */
export const IDENTITY_RULES: readonly EntityRule[] = [
  {
    kind: 'identity-number',
    pattern: new RegExp(
      String.raw`(?<![\p{L}])(?:${NUMBERED})\s*(?:is|ist|est|es|è|é|number|no\.?|nr\.?|n[°º.]|[:#=(])*\s*(?<v>(?=[A-Z0-9/.-]*[ ]?[A-Z0-9/.-]*\d)[A-Z0-9][A-Z0-9/.-]*(?:[ ](?:\d[A-Z0-9/.-]*|[A-Z]{1,2}\d[A-Z0-9]*|(?<=\d[ ])[A-Z](?![\p{L}])))*)`,
      'giu',
    ),
    score: 0.95,
    accept: hasDigits,
  },
  // United States, United Kingdom, Brazil, Spain, Italy, Sweden.
  { kind: 'identity-number', pattern: /\b\d{3}-\d{2}-\d{4}\b/gu, score: 0.9 },
  { kind: 'identity-number', pattern: /\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/gu, score: 0.9 },
  { kind: 'identity-number', pattern: /\b\d{3}\.\d{3}\.\d{3}-\d{2}\b/gu, score: 0.9 },
  { kind: 'identity-number', pattern: /\b(?:\d{8}|[XYZ]\d{7})-?[A-HJ-NP-TV-Z]\b/gu, score: 0.85 },
  { kind: 'identity-number', pattern: /\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b/gu, score: 0.95 },
  { kind: 'identity-number', pattern: /(?<![\d-])(?:19|20)?\d{6}[-+]\d{4}(?![\d-])/gu, score: 0.8 },
  // France: sex, year, month, department, commune, order, key.
  {
    kind: 'identity-number',
    pattern: /(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}(?: ?\d{2})?(?!\d)/gu,
    score: 0.85,
  },
  { kind: 'identity-number', pattern: /\b756\.\d{4}\.\d{4}\.\d{2}\b/gu, score: 0.95 },
  {
    kind: 'bank-account',
    pattern:
      /\b(?:account(?: number| no\.?)?|acct\.?|sort code|routing(?: number)?|aba|bsb|kontonummer|konto-?nr\.?|blz|bankleitzahl|compte n°|cuenta|conto)\s*(?:is|no\.?|nr\.?|number|[:#])*\s*(?<v>\d[\d -]{4,20}\d)/giu,
    score: 0.85,
  },
  {
    kind: 'bank-account',
    pattern:
      /\b(?:BIC|Bic|bic|SWIFT|Swift|swift)(?:[ -]?[Cc]ode)?\s*(?:is|ist|[:#])*\s*(?<v>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b/gu,
    score: 0.9,
  },
  {
    kind: 'ip',
    pattern:
      /(?<![\w:.])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:.])(?=[0-9a-f:]*::)(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])/giu,
    score: 0.95,
  },
  { kind: 'ip', pattern: /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/giu, score: 0.9 },
];
