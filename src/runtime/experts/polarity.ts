/** Approval and disapproval are hard to see in a sentence vector and easy to see in words. English. */
const GOOD = new Set(
  `adore adores amazing awesome bargain beautiful beautifully best better brilliant charming cheerful clean comfortable cosy crisp delicious delighted delightful durable
  easy effortless elegant enjoy enjoyed enjoyable excellent exceeded exceptional fair fantastic fast favourite favorite fine flawless fresh friendly fun generous glad good gorgeous
  great handy happy helpful honest impressed impressive incredible intuitive kind lovely loved love loves magnificent marvellous marvelous neat nice nicely outstanding patient perfect perfectly
  pleasant pleased polite prompt quick quickly quiet recommend recommended reliable robust satisfied simple smooth soft solid splendid spotless stable strong sturdy stunning stylish super superb
  swift terrific thank thanks thrilled tidy top unbeatable useful wonderful wonderfully worth excels gem blessing crystal blazing`.split(
    /\s+/,
  ),
);
const BAD = new Set(
  `abysmal angry annoyed annoying appalled appalling awful bad badly broke broken bug bugs buggy cheat cheated clumsy cold complicated confusing crack cracked crap crash crashed crashes crashing creaks
  crooked crushed damaged dead defect defective deceived died dies dirty disappointed disappointing disappointment disaster disgrace disgusting disgusted dreadful excuses expensive fail failed fails failure faulty flimsy flickers
  freezes frustrated frustrating furious garbage hate hated horrible hopeless hung ignored impossible inadequate incompetent insult issue issues joke junk lag lags late leak leaks lie lied livid lost loud lousy mediocre mess misleading
  missing nasty nightmare noisy nonsense outrageous overpriced pain pathetic peeled peels poor poorly problem problems refuse refused refuses regret ridiculous ripped robbery rude ruined rusty scam scratched scratches shame shameful sick slow smashed
  smells sorry spoiled stopped stuck stupid sucks terrible tinny torn trash ugly unacceptable unbearable unfriendly unhappy unprofessional unreliable unusable upset useless vibrates waste wasted weak worse worst worthless wrong roars robs
  laughed shouted cheap`.split(/\s+/),
);
const TURNS = new Set(
  "not no never hardly barely without nobody none isn't wasn't don't doesn't didn't can't cannot couldn't won't wouldn't neither nor".split(
    ' ',
  ),
);

/** Good, bad, both, neither. */
export const POLARITY_BUCKETS = 4;

/** What the words of a text say: good, bad, both, neither; "not bad" is good. Each between 0 and 1. */
export function polarityOf(text: string): number[] {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}]+(?:'[\p{L}]+)?/gu) ?? [];
  let good = 0;
  let bad = 0;
  for (const [at, word] of words.entries()) {
    const isTurned = words.slice(Math.max(0, at - 3), at).some((before) => TURNS.has(before));
    // "No problem" is at least not bad.
    if (GOOD.has(word) && !isTurned) good += 1;
    else if (BAD.has(word) && isTurned) good += 0.5;
    else if (GOOD.has(word) || BAD.has(word)) bad += 1;
  }
  const strength = (count: number) => count / (count + 1);
  return [strength(good) * 2, strength(bad) * 2, good > 0 && bad > 0 ? 1 : 0, good === 0 && bad === 0 ? 1 : 0].map(
    (value) => Math.min(1, value),
  );
}
