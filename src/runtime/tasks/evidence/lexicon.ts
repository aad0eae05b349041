import { stem, wordsOf } from '../text/words.ts';

/** Words that say nearly the same, by their beginnings; "=" closes a word that must be whole. The first names the group. */
const SAME: readonly string[] = [
  'up rise= rises= rising rose= risen= increas grew= grow= grows= grown= gain climb higher= raise raised= raising doubl twice= tripl exceed more=',
  'down fall= falls= falling fell= fallen= decreas declin drop shrank= shrink shrunk lower= lowered sank= sink= reduc cut= cuts= halv less= fewer=',
  'open reopen',
  'close closed= closes= closing shut= shuts=',
  'begin began= begun= start launch commenc',
  'stop ceas halt finish discontinu',
  'allow permit permiss may= can= welcome',
  'forbid forbad prohibit ban= bann bans=',
  'buy bought= purchas acquir takeover',
  'sell sold= sells= sale',
  'win= won= wins= winning beat= beats=',
  'lose= lost= loses= losing loss',
  'accept approv grant agree',
  'reject refus declin= declined= deni deny= turned',
  'includ contain comprise count',
  'exclud except without',
  'resign step= stepped= gave= quit= retir leave= left= leaves=',
  'succeed succes replac follow= follows= followed= takes= took=',
  'appoint new= named= promot',
  'dismiss fired= sacked=',
  'die= died= dies= death dead= fatal killed=',
  'get= gets= got= receiv obtain entitl award given=',
  'give= gives= gave= hand= handed= distribut provid offer suppl',
  'free= gratis= nothing= costless',
  'price cost fee= fees= charge charges= paid= pay= pays=',
  'money fund cash= budget financ',
  'bike bicycl cycl',
  'car= cars= vehicl automobil',
  'ship= ships= vessel boat ferry',
  'trip= trips= journey crossing= voyag travel ride',
  'photo pictur photograph',
  'doctor= physician dr=',
  'child kid= kids=',
  'parent father mother mum= dad=',
  'employ staff= worker work= works= worked=',
  'company firm= business enterpris',
  'cheap inexpensiv afford',
  'expensiv costly= dear=',
  'fast quick rapid speed',
  'slow delay late= late behind',
  'big= large larger= huge= great',
  'small little= tiny= minor',
  'repair fix= fixed= mend',
  'broken= damag defect fault fail',
  'error mistak',
  'need= needs= needed= requir must= compulsor mandator oblig necessary=',
  'option voluntar',
  'find= finds= found= discover turned= locat',
  'lead= leads= led= leader head= heads= chair run= runs= captain manag',
  'make= makes= made= produc manufactur build= builds= built= construct',
  'begin= founded= found= establish creat',
  'live= lives= home= resid dwell',
  'child= daughter son=',
  'speak say= says= said= state= stated= declar announc report',
  'ill= sick= diseas patient',
  'help assist aid=',
  'move= moves= moved= relocat transfer',
  'like= likes= fond enjoy love= loves= loved=',
  'hate= hates= dislik detest afraid fear',
  'year annual yearly= twelvemonth',
  'day= days= daily=',
  'week weekly',
  'month monthly',
  'night nocturnal evening',
  'morning= am=',
  'big= major main= chief',
  'gather meet= meeting= session',
  'dog= dogs= puppy hound',
  'cat= cats= kitten',
  'quiet silent noiseless',
  'stay remain continu keep= keeps= kept=',
  'vote voted= ballot',
  'against oppos',
  'support favour favor backed= back= behalf',
  'power electric batter',
  'petrol diesel fuel gasolin',
  'rest= remaining= others= left=',
  'part= took= participat particip join',
  'most= majority mainly= mostly= chiefly=',
  'about= roughly= around= approximat nearly= almost=',
  'six= half=',
  'pet= pets= animal',
  'motor engin',
  'sweater pullover jumper',
  'coat jacket',
  'sport= sports= fitness gym= athletic',
  'leather suede',
  'rucksack backpack',
  'sofa couch',
  'tv= televis',
  'laptop notebook',
  'sweet sugar',
  'alcohol wine beer spirits',
  'first= original',
  'again= anew= back=',
  'refund return= returned= reimburs',
  'house= houses= building flat= apartment',
  'shop= shops= store= stores=',
  'street= road= roads= lane=',
  'spend= spends= winter= winters=',
];

/** Groups, or beginnings of words, that turn a statement into its opposite. */
export const OPPOSED: readonly (readonly [string, string])[] = [
  ['up', 'down'],
  ['open', 'close'],
  ['begin', 'stop'],
  ['allow', 'forbid'],
  ['buy', 'sell'],
  ['win', 'lose'],
  ['accept', 'reject'],
  ['includ', 'exclud'],
  ['appoint', 'dismiss'],
  ['cheap', 'expensiv'],
  ['fast', 'slow'],
  ['big', 'small'],
  ['need', 'option'],
  ['like', 'hate'],
  ['against', 'support'],
  ['free', 'price'],
  ['free', 'sell'],
  ['stay', 'resign'],
  ['ontime', 'slow'],
];

const TABLE = SAME.flatMap((row) => {
  const [name = ''] = row.split(' ');
  const group = name.replace('=', '');
  return row.split(' ').map((part) => ({ group, part: part.replace('=', ''), isWhole: part.endsWith('=') }));
});
const WHOLE = new Map<string, string[]>();
for (const { group, part, isWhole } of TABLE) if (isWhole) WHOLE.set(part, [...(WHOLE.get(part) ?? []), group]);
const BEGINNINGS = TABLE.filter(({ isWhole }) => !isWhole);

/** What a word may mean: its groups, and its own stem. */
export function meaningsOf(word: string): readonly string[] {
  const known = remembered.get(word);
  if (known !== undefined) return known;
  const found = [
    stem(word),
    ...(WHOLE.get(word) ?? []),
    ...BEGINNINGS.filter(({ part }) => word.startsWith(part)).map(({ group }) => group),
  ];
  // A document has few words that differ; a page of all languages must not keep them for ever.
  if (remembered.size > 5_000) remembered.clear();
  remembered.set(word, found);
  return found;
}
const remembered = new Map<string, readonly string[]>();

/** Everything that the words of a text may mean. */
export function allMeanings(text: string): ReadonlySet<string> {
  return new Set(wordsOf(text).flatMap(meaningsOf));
}
