import { formatCount, formatNumber } from '../../app/format/index.ts';
import type { Words } from './words.ts';

/** French. */
export const FR: Words = {
  title: 'Experts',
  documentTitle: 'Sotto : des experts entraînés ici',
  lead: 'Montrez quelques exemples, et un petit modèle apprend à faire de même. Tout se passe sur cet appareil.',
  back: 'Retour à la discussion',
  toFlows: 'Enchaînements',
  views: 'Étapes',
  view: {
    examples: '1. Exemples',
    result: '2. Résultat',
    label: '3. Étiqueter à la main',
    teach: '4. Laisser un modèle étiqueter',
    kept: '5. Experts conservés',
  },
  draftVault:
    'Un coffre est activé. Il ne couvre pas cette page : ce que vous y faites disparaît quand vous partez, sauf si vous conservez l’expert. Un expert conservé n’est pas chiffré.',
  draftLost:
    'Ce navigateur ne conserve rien ici : ce que vous faites disparaît quand vous partez. Exportez l’expert pour l’avoir.',
  examplesLead:
    'Un expert a besoin de textes et de ce que chacun est : 8 lignes au moins, 5 000 au plus ; 10 ou plus de chaque sorte conviennent.',
  fromFile: 'D’un fichier',
  openFile: 'Choisir un fichier',
  dropHere: 'ou déposez-le ici',
  fileHint:
    'CSV, TSV ou lignes JSON, le texte dans une colonne et son étiquette dans une autre. Des lignes sans étiquette conviennent : elles s’étiquettent ici.',
  fromSample: 'Essayer avec un échantillon',
  samples: {
    messages: 'Messages à une boutique : que veulent-ils ?',
    'raw-messages': 'Les mêmes messages, la plupart sans étiquette',
    moods: 'Avis : bon, mauvais ou ni l’un ni l’autre ?',
    names: 'Notes d’un atelier : bateaux, pièces, personnes',
  },
  fromPaste: 'De lignes collées',
  pasteLabel:
    'Une ligne à la fois : étiquette et texte séparés par une tabulation, une virgule ou un point-virgule, ou textes seuls',
  pasteExample: 'commande;Où est mon colis ?\ncommande;Il devait arriver lundi\nfacture;Vous m’avez débité deux fois',
  takePasted: 'Prendre ces lignes',
  pasted: 'lignes collées',
  column: (index: number) => `Colonne ${formatCount(index)}`,
  rowsRead: (rows: number) => (rows === 1 ? '1 ligne a été lue.' : `${formatCount(rows)} lignes ont été lues.`),
  nothingIn: (name: string) => `Il n’y a rien dans « ${name} ».`,
  onlyBroken: (name: string, line: number, reason: string) =>
    `Aucune ligne de « ${name} » n’a pu être lue. Ligne ${formatCount(line)} : ${reason}.`,
  noText: (name: string) => `« ${name} » n’est pas du texte. Enregistrez un tableau en CSV et choisissez ce fichier.`,
  oldEncoding:
    'Le fichier n’est pas en UTF-8 ; il a été lu comme Windows-1252. Vérifiez les accents ; s’ils sont faux, enregistrez-le en UTF-8.',
  cut: 'Le fichier est plus long que ce qui est lu (2 millions de caractères ou 20 000 lignes). Le reste a été laissé de côté.',
  kind: 'Que doit-il apprendre ?',
  kinds: { texts: 'Distinguer des textes', names: 'Trouver des noms dans des textes' },
  textColumn: 'Le texte est dans',
  labelColumn: 'Son étiquette est dans',
  namesColumn: 'Les noms sont dans',
  noLabels: 'aucune colonne : rien n’est encore étiqueté',
  namesInText: 'le texte même : [Aurora](bateau)',
  firstLine: 'La première ligne nomme les colonnes',
  holdOut: 'Garder une ligne sur cinq hors de l’apprentissage, pour voir ce qu’il vaut vraiment',
  preview: 'Les premières lignes',
  isText: '(texte)',
  isLabel: '(étiquette)',
  account: 'Vos lignes',
  learnedFrom: (rows: number) => (rows === 1 ? 'Il apprend de 1 ligne.' : `Il apprend de ${formatCount(rows)} lignes.`),
  heldOut: (rows: number) =>
    rows === 1
      ? '1 ligne est réservée : il est testé sur elle et ne l’apprend jamais.'
      : `${formatCount(rows)} lignes sont réservées : il est testé sur elles et ne les apprend jamais.`,
  withoutLabel: (rows: number) =>
    rows === 1 ? '1 ligne n’a pas encore d’étiquette.' : `${formatCount(rows)} lignes n’ont pas encore d’étiquette.`,
  disputed: (rows: number) =>
    rows === 1
      ? '1 texte a plusieurs étiquettes. Il reste de côté jusqu’à votre décision.'
      : `${formatCount(rows)} textes ont plusieurs étiquettes. Ils restent de côté jusqu’à votre décision.`,
  lonely: (labels: string) => `Laissées de côté, avec une seule ligne chacune : ${labels}. Ajoutez-en une seconde.`,
  few: (labels: string) => `Peu de lignes : ${labels}. Il les connaîtra mal.`,
  repeated: (rows: number) =>
    rows === 1
      ? '1 ligne était en double et compte une fois.'
      : `${formatCount(rows)} lignes étaient en double et comptent une fois.`,
  emptyRows: (rows: number) =>
    rows === 1 ? '1 ligne n’a pas de texte.' : `${formatCount(rows)} lignes n’ont pas de texte.`,
  surplus: (rows: number) =>
    rows === 1
      ? '5 000 lignes au plus : 1 a été laissée de côté.'
      : `5 000 lignes au plus : ${formatCount(rows)} ont été laissées de côté, également réparties.`,
  leftOut: (rows: number) =>
    rows === 1 ? 'Vous avez laissé de côté 1 ligne.' : `Vous avez laissé de côté ${formatCount(rows)} lignes.`,
  badPlaces: (rows: number) =>
    rows === 1
      ? '1 ligne marque des endroits absents de son texte. Elle reste de côté.'
      : `${formatCount(rows)} lignes marquent des endroits absents de leur texte. Elles restent de côté.`,
  broken: (lines: number) =>
    lines === 1
      ? '1 ligne n’a pas pu être lue et reste de côté'
      : `${formatCount(lines)} lignes n’ont pas pu être lues et restent de côté`,
  line: (line: number) => `Ligne ${formatCount(line)}`,
  andMore: (count: number) => `Et ${formatCount(count)} de plus.`,
  namesHint:
    'Marquez les noms dans le texte : [Aurora](bateau) fuit. Ou donnez une colonne avec une liste JSON de start, end et label.',
  kindsOfNames: 'Sortes de noms',
  labels: 'Étiquettes',
  label: 'Étiquette',
  goLabel: 'Les étiqueter à la main',
  trainTitle: 'Entraîner',
  name: 'Nom de l’expert',
  unnamed: 'Mon expert',
  train: 'Entraîner',
  trainAgain: 'Entraîner à nouveau',
  noRows: 'Il n’y a pas encore de lignes.',
  noLabelYet: 'Aucune ligne n’a d’étiquette. Choisissez la colonne qui la contient, ou étiquetez-en quelques-unes.',
  oneLabel: (label: string) =>
    `Chaque ligne est « ${label} » : il n’y a rien à distinguer. Ajoutez des lignes d’une autre sorte.`,
  oneEach: 'Deux étiquettes de deux lignes chacune sont le minimum.',
  tooFew: (rows: number, least: number) =>
    `Il y a ${formatCount(rows)} lignes à apprendre ; ${formatCount(least)} sont le minimum.`,
  noNames: 'Aucun nom n’est marqué : il n’y a rien à apprendre.',
  saveRows: 'Enregistrer les lignes avec leurs étiquettes',
  otherRows: 'Autres lignes',
  addRows: 'Ajouter des lignes d’un fichier',
  rowsAdded: (rows: number) =>
    rows === 1 ? '1 ligne a été ajoutée.' : `${formatCount(rows)} lignes ont été ajoutées.`,
  startOver: 'Recommencer avec d’autres lignes',
  startOverHint: 'Ce que vous avez étiqueté ici sans le conserver disparaît. Les experts conservés restent.',
  working: 'En cours …',
  learning: 'Il apprend, et on le vérifie …',
  progress: (done: number, total: number) => `${formatCount(done)} sur ${formatCount(total)}`,
  progressName: 'Avancement',
  stop: 'Arrêter',
  stopped: 'Arrêté. Rien n’est perdu.',
  trainedIn: (ms: number) => `Entraîné en ${formatNumber(ms / 1000, 1)} secondes.`,
  notTrained: 'Aucun expert n’a encore été entraîné.',
  goExamples: 'Aller aux exemples',
  right: 'juste',
  namesRight: 'des noms (F1)',
  byHeldOut: (rows: number, low: string, high: string) =>
    `Sur ${formatCount(rows)} lignes réservées, qu’il n’a jamais vues. Avec autant de lignes, la vérité est entre ${low} et ${high}.`,
  byFolds: (rows: number, low: string, high: string) =>
    `Chacune des ${formatCount(rows)} lignes a été jugée par un modèle qui ne l’avait pas vue. Avec autant de lignes, la vérité est entre ${low} et ${high}.`,
  foldsToo: (share: string, rows: number) =>
    `Validation croisée sur les ${formatCount(rows)} lignes apprises : ${share}.`,
  f1Folds: 'Noms entiers, à leur place et de leur sorte ; chaque texte a été jugé par un modèle qui ne l’avait pas vu.',
  f1HeldOut: (rows: number) =>
    `Noms entiers, à leur place et de leur sorte, dans ${formatCount(rows)} textes réservés qu’il n’a jamais vus.`,
  unknownAmong: (rows: number) => `Il en dit ${formatCount(rows)} inconnues, ce qui compte comme faux.`,
  guessing: (share: string) => `Dire toujours l’étiquette la plus fréquente serait juste dans ${share} des cas.`,
  fewToJudge: 'C’est peu de lignes pour juger. Avec plus, le chiffre serait plus sûr.',
  change: (rowsBefore: number, before: string, rowsNow: number, now: string) =>
    `Avant, avec ${formatCount(rowsBefore)} lignes : ${before} juste. Maintenant, avec ${formatCount(rowsNow)} : ${now}.`,
  perLabel: 'Par étiquette',
  perLabelHint:
    'Précision : des lignes qui ont reçu cette étiquette, combien le sont. Rappel : de celles qui le sont, combien il a trouvé.',
  precision: 'Précision',
  recall: 'Rappel',
  rows: 'Lignes',
  confusion: 'Ce qui est pris pour quoi',
  confusionHint: 'Chaque ligne est ce que c’est, chaque colonne ce qu’il a dit (validation croisée).',
  curve: 'Plus de lignes aideraient-elles ?',
  curveRises: 'Plus il y a de lignes, mieux c’est : d’autres aideraient sans doute.',
  curveFlat: 'Les dernières lignes ont peu apporté : de meilleures étiquettes aideraient peut-être davantage.',
  rowsOf: (rows: number) => (rows === 1 ? '1 ligne' : `${formatCount(rows)} lignes`),
  mistakes: 'Ses erreurs',
  mistakesHint:
    'Les erreurs les plus sûres d’abord. Souvent c’est l’étiquette qui est fausse : corrigez-la ici et entraînez à nouveau.',
  mistaken: (label: string, predicted: string, score: string) => `est ${label}, il a dit ${predicted} ${score}`.trim(),
  labelOf: (text: string) => `Étiquette de : ${text}`,
  leaveOut: '(laisser cette ligne de côté)',
  goTrainAgain: 'Entraîner à nouveau',
  facts: 'De quoi il est fait',
  time: 'Durée de l’entraînement',
  seconds: (seconds: number) => `${formatNumber(seconds, 1)} s`,
  vectors: 'Lit avec',
  dataHash: 'Empreinte des lignes',
  calibration: 'La vérité de ses pourcentages',
  calibrationOff: (share: string, temperature: string) => `${share} d’écart moyen (température ${temperature})`,
  unknownWhen: (score: string, likeness: string) =>
    `sous ${score} de certitude, ou sous ${likeness} de ressemblance avec ses exemples`,
  sameAgain: 'Les mêmes lignes et réglages donnent le même expert, au dernier bit près.',
  tryTitle: 'L’essayer',
  tryLabel: 'Un texte de la sorte pour laquelle il est fait',
  ask: 'Demander',
  unknown: 'Inconnu',
  sure: (score: string) => `sûr à ${score}`,
  strange: (likeness: string, least: string) =>
    `Cela ne ressemble à rien de ce qu’il a appris : ressemblance ${likeness}, et ${least} est le minimum.`,
  unsure: (label: string, score: string, least: string) =>
    `Plutôt ${label}, mais sûr à ${score} seulement, et ${least} est le minimum.`,
  scores: 'Sa certitude pour chaque étiquette',
  because: 'Ce sur quoi il s’appuie',
  nearest: 'Exemples les plus proches',
  noNameFound: 'Il ne trouve aucun nom ici.',
  keepTitle: 'Le conserver',
  keepLead:
    'Un expert conservé reste dans ce navigateur et sert dans des enchaînements. Chaque version est gardée, et chacune peut revenir.',
  knownAs: (id: string) => `Les enchaînements le connaissent sous « ${id} ».`,
  holdAgainst: (rows: number) =>
    `Mesurer les versions suivantes aux ${formatCount(rows)} lignes réservées qu’il a justes`,
  keep: 'Conserver',
  keptAs: (id: string, version: number) => `Conservé : ${id}, version ${formatCount(version)}.`,
  worse: 'Il a faux sur des lignes que la version conservée a justes :',
  keepWorse: 'Le conserver quand même',
  goKept: 'Experts conservés',
  labelLeadFirst: 'Étiquetez quelques textes à la main : cliquez, ou appuyez sur le chiffre. Puis entraînez.',
  labelLead:
    'D’abord viennent les textes dont l’expert est le moins sûr : les étiqueter aide le plus. Puis entraînez à nouveau.',
  whatIs: 'Qu’est-ce que c’est ?',
  whyDisputed: (labels: string) => `Vos lignes l’appellent de plusieurs façons : ${labels}.`,
  whyUncertain: (label: string, score: string) => `L’expert suppose ${label}, sûr à ${score}.`,
  whyNext: 'Il n’a pas encore d’étiquette.',
  allLabelled: 'Chaque texte a une étiquette.',
  labelNames: 'Les noms se marquent dans les textes mêmes : [Aurora](bateau). Il n’y a rien à étiqueter ici.',
  skip: 'Passer',
  undo: 'Reprendre',
  newLabel: 'Autre étiquette',
  addLabel: 'Ajouter',
  labelled: (label: string) => `Étiqueté : ${label}.`,
  skipped: 'Passé.',
  undone: 'Repris.',
  saidHere: (said: number, left: number) =>
    `${formatCount(said)} étiquetés lors de cette visite, ${formatCount(left)} dans la file.`,
  teachLead:
    'Un modèle de discussion de cet appareil étiquette des lignes, et l’expert apprend d’elles. Il ne peut répondre que par une de vos étiquettes. Les petits modèles se trompent souvent, c’est pourquoi on mesure.',
  meanings: 'Ce que veulent dire les étiquettes',
  meaningsHint: 'Quelques mots chacune : le modèle n’en sait rien d’autre.',
  teacher: 'Le modèle',
  model: 'Modèle',
  howMany: (raw: number) => `Combien des ${formatCount(raw)} lignes sans étiquette`,
  looking: 'Recherche des modèles présents …',
  noTeacher:
    'Aucun modèle de discussion n’est stocké dans ce navigateur. Téléchargez-en d’abord un dans la discussion.',
  smallTeacher: (name: string) =>
    `${name} a moins de 300 millions de paramètres : il distingue à peine les étiquettes. Attendez-vous à de moins bonnes que les vôtres.`,
  noneChecked: 'Sans lignes réservées, personne ne peut dire ce que valent ses étiquettes.',
  someChecked: (rows: number) =>
    `Il étiquette aussi ${formatCount(rows)} lignes réservées dont vous connaissez l’étiquette, pour voir s’il est d’accord avec vous.`,
  letLabel: 'Le laisser étiqueter',
  teacherQuestion: 'Lequel de ceux-ci est le texte ?',
  teachNames: 'Cela sert à distinguer des textes, pas aux noms.',
  noRaw: 'Il n’y a pas de lignes sans étiquette.',
  taught: (rows: number, model: string) =>
    `${model} a étiqueté ${formatCount(rows)} lignes, et l’expert a appris d’elles.`,
  outcome: 'Ce que cela a apporté',
  teacherRight: 'Le modèle est d’accord avec vous sur des lignes réservées',
  agreement: 'L’expert est d’accord avec le modèle',
  beforeTeaching: 'L’expert avant, sur des lignes réservées',
  afterTeaching: 'L’expert après, sur des lignes réservées',
  notMeasured: 'non mesuré',
  taughtWorse:
    'L’expert est moins bon qu’avant. Laissez de côté les étiquettes du modèle : recommencez avec vos lignes.',
  saidByModel: (rows: number) => `Ce que le modèle a dit (${formatCount(rows)})`,
  saidByModelHint: 'Les moins sûres d’abord. Corrigez les fausses : ce que vous dites passe avant.',
  takeOver: (rows: number) => `Reprendre ces ${formatCount(rows)} étiquettes`,
  modelSure: (label: string, share: string) => `${label}, sûr à ${share}`,
  goResult: (name: string) => `Voir le résultat : ${name}`,
  keptLead: 'La version qui répond sert partout où l’expert est demandé par son identifiant.',
  noneKept: 'Aucun expert n’est encore conservé.',
  version: (version: number) => `version ${formatCount(version)}`,
  answers: 'répond',
  signed: 'signé',
  useVersion: 'La laisser répondre',
  answersNow: (id: string, version: number) => `${id}, version ${formatCount(version)}, répond maintenant.`,
  removed: (id: string, version: number) => `Supprimé : ${id}, version ${formatCount(version)}.`,
  reallyDelete: (id: string, version: number) =>
    `Supprimer la version ${formatCount(version)} de ${id} ? Elle ne pourra pas revenir.`,
  delete: 'Supprimer',
  export: 'Exporter',
  exportSigned: 'Exporter signé',
  saved: 'Enregistré dans un fichier.',
  savedSigned: 'Enregistré dans un fichier, signé avec la clé de ce navigateur.',
  useInFlow: 'Utiliser dans un enchaînement',
  justTrained: 'Celui qui vient d’être entraîné',
  compareTitle: 'En comparer deux',
  compareLead: 'Sur les lignes réservées des exemples ouverts.',
  first: 'Premier',
  second: 'Second',
  compare: 'Comparer',
  compared: (rows: number, before: string, after: string) =>
    `Sur ${formatCount(rows)} lignes : le premier ${before} juste, le second ${after}.`,
  noneWorse: 'Le second n’a faux sur aucune ligne que le premier a juste.',
  someWorse: (rows: number) => `Le second a faux sur ${formatCount(rows)} lignes que le premier a justes :`,
  nothingShared: 'Il n’y a pas de lignes réservées dont les deux connaissent l’étiquette. Ouvrez d’abord les exemples.',
  importTitle: 'En faire entrer un',
  import: 'Importer un expert',
  seals: {
    none: 'Il n’est pas signé : personne ne peut dire qui l’a fait.',
    own: 'Signé par ce navigateur, inchangé depuis.',
    trusted: 'Signé avec une clé à laquelle vous faites confiance, inchangé depuis.',
    unknown: 'Signé et inchangé depuis, avec une clé à laquelle vous n’avez pas dit faire confiance.',
  },
  fingerprint: (key: string) => `Clé : ${key}…`,
  keepAndTrust: 'Conserver et faire confiance à cette clé',
};
