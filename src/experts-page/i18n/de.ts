import { formatCount, formatNumber } from '../../app/format/index.ts';
import type { Words } from './words.ts';

/** German. */
export const DE: Words = {
  title: 'Experten',
  documentTitle: 'Sotto: Experten, hier trainiert',
  lead: 'Zeig ein paar Beispiele, und ein kleines Modell lernt, es ebenso zu machen. Alles geschieht auf diesem Gerät.',
  back: 'Zurück zum Chat',
  toFlows: 'Abläufe',
  views: 'Schritte',
  view: {
    examples: '1. Beispiele',
    result: '2. Ergebnis',
    label: '3. Selbst beschriften',
    teach: '4. Ein Modell beschriften lassen',
    kept: '5. Behaltene Experten',
  },
  draftVault:
    'Ein Tresor ist eingeschaltet. Er umfasst diese Seite nicht: Was du hier tust, ist weg, wenn du gehst, außer du behältst den Experten. Ein behaltener Experte liegt unversiegelt.',
  draftLost:
    'Dieser Browser behält hier nichts: Was du tust, ist weg, wenn du gehst. Exportiere den Experten, um ihn zu haben.',
  examplesLead:
    'Ein Experte braucht Texte und was jeder von ihnen ist: mindestens 8 Zeilen, höchstens 5.000; 10 oder mehr von jeder Art sind gut.',
  fromFile: 'Aus einer Datei',
  openFile: 'Datei wählen',
  dropHere: 'oder hier ablegen',
  fileHint:
    'CSV, TSV oder JSON-Zeilen, der Text in einer Spalte, seine Beschriftung in einer anderen. Zeilen ohne Beschriftung sind in Ordnung: Sie lassen sich hier beschriften.',
  fromSample: 'Mit einem Muster ausprobieren',
  samples: {
    messages: 'Nachrichten an einen Laden: Was wollen sie?',
    'raw-messages': 'Dieselben Nachrichten, die meisten ohne Beschriftung',
    moods: 'Bewertungen: gut, schlecht oder weder noch?',
    names: 'Notizen einer Werkstatt: Schiffe, Teile, Leute',
  },
  fromPaste: 'Aus eingefügten Zeilen',
  pasteLabel: 'Je Zeile: Beschriftung und Text, getrennt durch Tabulator, Komma oder Semikolon, oder nur Texte',
  pasteExample:
    'bestellung;Wo ist mein Paket?\nbestellung;Es sollte am Montag kommen\nrechnung;Ihr habt zweimal abgebucht',
  takePasted: 'Diese Zeilen nehmen',
  pasted: 'eingefügte Zeilen',
  column: (index: number) => `Spalte ${formatCount(index)}`,
  rowsRead: (rows: number) => (rows === 1 ? '1 Zeile wurde gelesen.' : `${formatCount(rows)} Zeilen wurden gelesen.`),
  nothingIn: (name: string) => `In „${name}“ ist nichts.`,
  onlyBroken: (name: string, line: number, reason: string) =>
    `Keine Zeile von „${name}“ ließ sich lesen. Zeile ${formatCount(line)}: ${reason}.`,
  noText: (name: string) => `„${name}“ ist kein Text. Speichere eine Tabelle als CSV und wähle diese Datei.`,
  oldEncoding:
    'Die Datei ist nicht UTF-8; sie wurde als Windows-1252 gelesen. Sieh nach, ob Umlaute stimmen; wenn nicht, speichere sie als UTF-8.',
  cut: 'Die Datei ist länger, als angesehen wird (2 Millionen Zeichen oder 20.000 Zeilen). Der Rest blieb weg.',
  kind: 'Was soll er lernen?',
  kinds: { texts: 'Texte unterscheiden', names: 'Namen in Texten finden' },
  textColumn: 'Der Text steht in',
  labelColumn: 'Seine Beschriftung steht in',
  namesColumn: 'Die Namen stehen in',
  noLabels: 'keiner Spalte: noch nichts ist beschriftet',
  namesInText: 'dem Text selbst: [Aurora](schiff)',
  firstLine: 'Die erste Zeile benennt die Spalten',
  holdOut: 'Jede fünfte Zeile vom Lernen fernhalten, um zu sehen, wie gut er wirklich ist',
  preview: 'Die ersten Zeilen',
  isText: '(Text)',
  isLabel: '(Beschriftung)',
  account: 'Deine Zeilen',
  learnedFrom: (rows: number) => (rows === 1 ? 'Er lernt aus 1 Zeile.' : `Er lernt aus ${formatCount(rows)} Zeilen.`),
  heldOut: (rows: number) =>
    rows === 1
      ? '1 Zeile ist zurückgehalten: Er wird an ihr geprüft und lernt sie nie.'
      : `${formatCount(rows)} Zeilen sind zurückgehalten: Er wird an ihnen geprüft und lernt sie nie.`,
  withoutLabel: (rows: number) =>
    rows === 1 ? '1 Zeile hat noch keine Beschriftung.' : `${formatCount(rows)} Zeilen haben noch keine Beschriftung.`,
  disputed: (rows: number) =>
    rows === 1
      ? '1 Text hat mehr als eine Beschriftung. Er bleibt weg, bis du entscheidest.'
      : `${formatCount(rows)} Texte haben mehr als eine Beschriftung. Sie bleiben weg, bis du entscheidest.`,
  lonely: (labels: string) => `Weggelassen, mit nur je einer Zeile: ${labels}. Ergänze je eine zweite.`,
  few: (labels: string) => `Wenige Zeilen: ${labels}. Diese wird er schlecht kennen.`,
  repeated: (rows: number) =>
    rows === 1
      ? '1 Zeile war doppelt und zählt einmal.'
      : `${formatCount(rows)} Zeilen waren doppelt und zählen einmal.`,
  emptyRows: (rows: number) =>
    rows === 1 ? '1 Zeile hat keinen Text.' : `${formatCount(rows)} Zeilen haben keinen Text.`,
  surplus: (rows: number) =>
    rows === 1
      ? '5.000 Zeilen sind das Höchste: 1 wurde weggelassen.'
      : `5.000 Zeilen sind das Höchste: ${formatCount(rows)} wurden weggelassen, gleichmäßig.`,
  leftOut: (rows: number) =>
    rows === 1 ? '1 Zeile hast du weggelassen.' : `${formatCount(rows)} Zeilen hast du weggelassen.`,
  badPlaces: (rows: number) =>
    rows === 1
      ? '1 Zeile nennt Stellen, die nicht in ihrem Text sind. Sie bleibt weg.'
      : `${formatCount(rows)} Zeilen nennen Stellen, die nicht in ihrem Text sind. Sie bleiben weg.`,
  broken: (lines: number) =>
    lines === 1
      ? '1 Zeile ließ sich nicht lesen und liegt beiseite'
      : `${formatCount(lines)} Zeilen ließen sich nicht lesen und liegen beiseite`,
  line: (line: number) => `Zeile ${formatCount(line)}`,
  andMore: (count: number) => `Und ${formatCount(count)} weitere.`,
  namesHint:
    'Markiere Namen im Text: [Aurora](schiff) leckt. Oder gib eine Spalte mit einer JSON-Liste aus start, end und label.',
  kindsOfNames: 'Arten von Namen',
  labels: 'Beschriftungen',
  label: 'Beschriftung',
  goLabel: 'Selbst beschriften',
  trainTitle: 'Trainieren',
  name: 'Name des Experten',
  unnamed: 'Mein Experte',
  train: 'Trainieren',
  trainAgain: 'Neu trainieren',
  noRows: 'Noch sind keine Zeilen da.',
  noLabelYet: 'Noch keine Zeile ist beschriftet. Wähle die Spalte dafür, oder beschrifte einige selbst.',
  oneLabel: (label: string) =>
    `Jede Zeile ist „${label}“: Es gibt nichts zu unterscheiden. Ergänze Zeilen einer anderen Art.`,
  oneEach: 'Zwei Beschriftungen mit je zwei Zeilen sind das Mindeste.',
  tooFew: (rows: number, least: number) =>
    `Es sind ${formatCount(rows)} Zeilen zum Lernen; ${formatCount(least)} sind das Mindeste.`,
  noNames: 'Kein Name ist markiert: Es gibt nichts zu lernen.',
  saveRows: 'Die Zeilen mit ihren Beschriftungen speichern',
  otherRows: 'Andere Zeilen',
  addRows: 'Zeilen aus einer Datei hinzufügen',
  rowsAdded: (rows: number) =>
    rows === 1 ? '1 Zeile wurde hinzugefügt.' : `${formatCount(rows)} Zeilen wurden hinzugefügt.`,
  startOver: 'Mit anderen Zeilen neu anfangen',
  startOverHint: 'Was du hier beschriftet und nicht behalten hast, geht verloren. Behaltene Experten bleiben.',
  working: 'In Arbeit …',
  learning: 'Er lernt daraus und wird geprüft …',
  progress: (done: number, total: number) => `${formatCount(done)} von ${formatCount(total)}`,
  progressName: 'Wie weit es ist',
  stop: 'Anhalten',
  stopped: 'Angehalten. Nichts ging verloren.',
  trainedIn: (ms: number) => `In ${formatNumber(ms / 1000, 1)} Sekunden trainiert.`,
  notTrained: 'Noch ist kein Experte trainiert.',
  goExamples: 'Zu den Beispielen',
  right: 'richtig',
  namesRight: 'der Namen (F1)',
  byHeldOut: (rows: number, low: string, high: string) =>
    `An ${formatCount(rows)} zurückgehaltenen Zeilen, die er nie gesehen hat. Bei so vielen Zeilen liegt die Wahrheit zwischen ${low} und ${high}.`,
  byFolds: (rows: number, low: string, high: string) =>
    `Jede der ${formatCount(rows)} Zeilen beurteilte ein Modell, das sie nicht gesehen hatte. Bei so vielen Zeilen liegt die Wahrheit zwischen ${low} und ${high}.`,
  foldsToo: (share: string, rows: number) =>
    `Kreuzvalidiert an den ${formatCount(rows)} Zeilen, aus denen er lernte: ${share}.`,
  f1Folds:
    'Ganze Namen, an der richtigen Stelle und von der richtigen Art; jeden Text beurteilte ein Modell, das ihn nicht gesehen hatte.',
  f1HeldOut: (rows: number) =>
    `Ganze Namen, an der richtigen Stelle und von der richtigen Art, in ${formatCount(rows)} zurückgehaltenen Texten, die er nie gesehen hat.`,
  unknownAmong: (rows: number) => `${formatCount(rows)} davon nennt er unbekannt, was als falsch zählt.`,
  guessing: (share: string) => `Immer die häufigste Beschriftung zu sagen, wäre in ${share} der Fälle richtig.`,
  fewToJudge: 'Das sind wenige Zeilen zum Beurteilen. Mehr machten die Zahl sicherer.',
  change: (rowsBefore: number, before: string, rowsNow: number, now: string) =>
    `Vorher, mit ${formatCount(rowsBefore)} Zeilen: ${before} richtig. Jetzt, mit ${formatCount(rowsNow)}: ${now}.`,
  perLabel: 'Je Beschriftung',
  perLabelHint:
    'Genauigkeit: von den Zeilen, denen er sie gab, wie viele es sind. Trefferquote: von denen, die es sind, wie viele er fand.',
  precision: 'Genauigkeit',
  recall: 'Trefferquote',
  rows: 'Zeilen',
  confusion: 'Was wofür gehalten wird',
  confusionHint: 'Jede Zeile ist, was es ist, jede Spalte, was er sagte (kreuzvalidiert).',
  curve: 'Würden mehr Zeilen helfen?',
  curveRises: 'Je mehr Zeilen, desto besser: Mehr würden wohl helfen.',
  curveFlat: 'Die letzten Zeilen brachten wenig: Bessere Beschriftungen helfen vielleicht mehr als mehr Zeilen.',
  rowsOf: (rows: number) => (rows === 1 ? '1 Zeile' : `${formatCount(rows)} Zeilen`),
  mistakes: 'Was er falsch machte',
  mistakesHint:
    'Die sichersten Fehler zuerst. Oft ist die Beschriftung das Falsche: Stell sie hier richtig und trainiere neu.',
  mistaken: (label: string, predicted: string, score: string) => `ist ${label}, er sagte ${predicted} ${score}`.trim(),
  labelOf: (text: string) => `Beschriftung von: ${text}`,
  leaveOut: '(diese Zeile weglassen)',
  goTrainAgain: 'Neu trainieren',
  facts: 'Woraus er gemacht ist',
  time: 'Zeit zum Trainieren',
  seconds: (seconds: number) => `${formatNumber(seconds, 1)} s`,
  vectors: 'Liest mit',
  dataHash: 'Hash der Zeilen',
  calibration: 'Wie wahr seine Prozente sind',
  calibrationOff: (share: string, temperature: string) => `im Mittel ${share} daneben (Temperatur ${temperature})`,
  unknownWhen: (score: string, likeness: string) =>
    `unter ${score} sicher oder unter ${likeness} Ähnlichkeit mit seinen Beispielen`,
  sameAgain: 'Dieselben Zeilen und Einstellungen geben denselben Experten, bis aufs letzte Bit.',
  tryTitle: 'Ausprobieren',
  tryLabel: 'Ein Text von der Art, für die er da ist',
  ask: 'Fragen',
  unknown: 'Unbekannt',
  sure: (score: string) => `zu ${score} sicher`,
  strange: (likeness: string, least: string) =>
    `Das gleicht nichts, was er gelernt hat: Ähnlichkeit ${likeness}, ${least} ist das Mindeste.`,
  unsure: (label: string, score: string, least: string) =>
    `Am ehesten ${label}, aber nur zu ${score} sicher, und ${least} ist das Mindeste.`,
  scores: 'Wie sicher er bei jeder Beschriftung ist',
  because: 'Worauf er sich stützt',
  nearest: 'Nächste Beispiele',
  noNameFound: 'Hier findet er keinen Namen.',
  keepTitle: 'Behalten',
  keepLead:
    'Ein behaltener Experte bleibt in diesem Browser und lässt sich in Abläufen verwenden. Jede Version bleibt, und jede lässt sich zurückholen.',
  knownAs: (id: string) => `Abläufe kennen ihn als „${id}“.`,
  holdAgainst: (rows: number) =>
    `Spätere Versionen an den ${formatCount(rows)} zurückgehaltenen Zeilen messen, die er richtig hat`,
  keep: 'Behalten',
  keptAs: (id: string, version: number) => `Behalten: ${id}, Version ${formatCount(version)}.`,
  worse: 'Er macht Zeilen falsch, die die behaltene Version richtig hat:',
  keepWorse: 'Trotzdem behalten',
  goKept: 'Behaltene Experten',
  labelLeadFirst: 'Beschrifte einige Texte selbst: klick, oder drück die Ziffer. Dann trainiere.',
  labelLead:
    'Zuerst kommen die Texte, bei denen der Experte am unsichersten ist: Sie zu beschriften hilft am meisten. Dann trainiere neu.',
  whatIs: 'Was ist das?',
  whyDisputed: (labels: string) => `Deine Zeilen nennen es mehrerlei: ${labels}.`,
  whyUncertain: (label: string, score: string) => `Der Experte vermutet ${label}, zu ${score} sicher.`,
  whyNext: 'Es hat noch keine Beschriftung.',
  allLabelled: 'Jeder Text ist beschriftet.',
  labelNames: 'Namen werden in den Texten selbst markiert: [Aurora](schiff). Hier gibt es nichts zu beschriften.',
  skip: 'Überspringen',
  undo: 'Zurücknehmen',
  newLabel: 'Weitere Beschriftung',
  addLabel: 'Hinzufügen',
  labelled: (label: string) => `Beschriftet: ${label}.`,
  skipped: 'Übersprungen.',
  undone: 'Zurückgenommen.',
  saidHere: (said: number, left: number) =>
    `${formatCount(said)} bei diesem Besuch beschriftet, ${formatCount(left)} in der Reihe.`,
  teachLead:
    'Ein Chatmodell auf diesem Gerät beschriftet Zeilen, und der Experte lernt daraus. Es darf nur mit einer deiner Beschriftungen antworten. Kleine Modelle liegen oft falsch; darum wird gemessen.',
  meanings: 'Was die Beschriftungen bedeuten',
  meaningsHint: 'Je ein paar Worte: Sonst weiß das Modell nichts davon.',
  teacher: 'Das Modell',
  model: 'Modell',
  howMany: (raw: number) => `Wie viele der ${formatCount(raw)} Zeilen ohne Beschriftung`,
  looking: 'Es wird nachgesehen, welche Modelle da sind …',
  noTeacher: 'In diesem Browser ist kein Chatmodell gespeichert. Hol zuerst eines im Chat.',
  smallTeacher: (name: string) =>
    `${name} hat weniger als 300 Millionen Parameter: Es unterscheidet Beschriftungen kaum. Rechne mit schlechteren, als du sie machst.`,
  noneChecked: 'Ohne zurückgehaltene Zeilen kann niemand sagen, wie gut seine Beschriftungen sind.',
  someChecked: (rows: number) =>
    `Es beschriftet auch ${formatCount(rows)} zurückgehaltene Zeilen, deren Beschriftung du kennst, um zu sehen, wie oft es dir zustimmt.`,
  letLabel: 'Beschriften lassen',
  teacherQuestion: 'Was davon ist der Text?',
  teachNames: 'Das geht, um Texte zu unterscheiden, nicht für Namen.',
  noRaw: 'Es gibt keine Zeilen ohne Beschriftung.',
  taught: (rows: number, model: string) =>
    `${model} hat ${formatCount(rows)} Zeilen beschriftet, und der Experte hat daraus gelernt.`,
  outcome: 'Was es brachte',
  teacherRight: 'Das Modell stimmt dir bei zurückgehaltenen Zeilen zu',
  agreement: 'Der Experte stimmt dem Modell zu',
  beforeTeaching: 'Der Experte vorher, an zurückgehaltenen Zeilen',
  afterTeaching: 'Der Experte nachher, an zurückgehaltenen Zeilen',
  notMeasured: 'nicht gemessen',
  taughtWorse:
    'Der Experte ist schlechter als vorher. Lass die Beschriftungen des Modells weg: Fang mit deinen eigenen Zeilen neu an.',
  saidByModel: (rows: number) => `Was das Modell sagte (${formatCount(rows)})`,
  saidByModelHint: 'Die unsichersten zuerst. Stell falsche richtig: Was du sagst, steht über dem, was es sagt.',
  takeOver: (rows: number) => `Diese ${formatCount(rows)} Beschriftungen übernehmen`,
  modelSure: (label: string, share: string) => `${label}, zu ${share} sicher`,
  goResult: (name: string) => `Zum Ergebnis: ${name}`,
  keptLead: 'Die Version, die antwortet, wird überall verwendet, wo nach der Kennung des Experten gefragt wird.',
  noneKept: 'Noch ist kein Experte behalten.',
  version: (version: number) => `Version ${formatCount(version)}`,
  answers: 'antwortet',
  signed: 'signiert',
  useVersion: 'Antworten lassen',
  answersNow: (id: string, version: number) => `Jetzt antwortet ${id}, Version ${formatCount(version)}.`,
  removed: (id: string, version: number) => `Gelöscht: ${id}, Version ${formatCount(version)}.`,
  reallyDelete: (id: string, version: number) =>
    `Version ${formatCount(version)} von ${id} löschen? Sie lässt sich nicht zurückholen.`,
  delete: 'Löschen',
  export: 'Exportieren',
  exportSigned: 'Signiert exportieren',
  saved: 'Als Datei gespeichert.',
  savedSigned: 'Als Datei gespeichert, signiert mit dem Schlüssel dieses Browsers.',
  useInFlow: 'In einem Ablauf verwenden',
  justTrained: 'Der eben trainierte',
  compareTitle: 'Zwei vergleichen',
  compareLead: 'An den zurückgehaltenen Zeilen der offenen Beispiele.',
  first: 'Erster',
  second: 'Zweiter',
  compare: 'Vergleichen',
  compared: (rows: number, before: string, after: string) =>
    `An ${formatCount(rows)} Zeilen: der erste ${before} richtig, der zweite ${after}.`,
  noneWorse: 'Der zweite macht keine Zeile falsch, die der erste richtig hat.',
  someWorse: (rows: number) => `Der zweite macht ${formatCount(rows)} Zeilen falsch, die der erste richtig hat:`,
  nothingShared: 'Es gibt keine zurückgehaltenen Zeilen, deren Beschriftung beide kennen. Öffne zuerst die Beispiele.',
  importTitle: 'Einen hereinholen',
  import: 'Experten importieren',
  seals: {
    none: 'Er ist nicht signiert: Niemand kann sagen, wer ihn gemacht hat.',
    own: 'Von diesem Browser signiert, seitdem unverändert.',
    trusted: 'Mit einem Schlüssel signiert, dem du vertraust, seitdem unverändert.',
    unknown: 'Signiert und seitdem unverändert, mit einem Schlüssel, dem du noch nicht vertraut hast.',
  },
  fingerprint: (key: string) => `Schlüssel: ${key}…`,
  keepAndTrust: 'Behalten und dem Schlüssel vertrauen',
};
