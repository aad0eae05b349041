import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { percent } from './scores.mjs';

const claims = JSON.parse(readFileSync(join(ROOT, 'flows/experts/claim-head.json'), 'utf8'));

/**
 * The rows of a set that was written later.
 * @param {readonly import('./scores.mjs').Score[]} flows
 * @param {import('./scores.mjs').TaskScore} tasks
 * @param {'unseen' | 'fresh'} set
 */
function laterRows(flows, tasks, set) {
  return [
    ...flows.map((flow) => ({ name: flow.name, ...flow[set] })),
    { name: 'tasks by themselves', ...(set === 'unseen' ? { ...tasks, baseline: null } : tasks.fresh) },
  ].map(
    ({ name, score, cases, first, whole, baseline }) =>
      `| ${name} | ${percent(whole?.score)} of ${whole?.cases ?? 0} | ${percent(first)} | ${percent(score)} | ${percent(baseline)} | ${cases ?? 0} |`,
  );
}

/** @typedef {{ rows: number, texts: number, checked: number, labels: number, agreement: number, before: number | null, after: number | null, teacher: number, labelledRightly: number, person: number }} Distilled */

/**
 * docs/flows.md: what the flows do and how well, with the method.
 * @param {readonly import('./scores.mjs').Score[]} flows
 * @param {import('./scores.mjs').TaskScore} tasks
 * @param {Readonly<Record<string, Distilled>>} distilled
 */
export function flowsPage(flows, tasks, distilled) {
  const taught = Object.entries(distilled).map(
    ([name, one]) =>
      `| ${name}, ${one.labels} labels | ${one.rows} | ${one.texts} | ${percent(one.labelledRightly)} | ${percent(one.agreement)} | ${percent(one.before)} | ${percent(one.after)} | ${percent(one.person)} | ${percent(one.teacher)} | ${one.checked} |`,
  );
  const rows = flows.map(
    ({ name, score, baseline, freeBaseline, firstScore, cases, metric, development }) =>
      `| [${name}](../flows/${name}/flow.json) | ${percent(score)} | ${percent(baseline)} | ${percent(freeBaseline)} | ${cases} | ${percent(firstScore)} | ${percent(development.score)} | ${percent(development.baseline)} | ${metric} |`,
  );
  return `# Flows

<!-- Written by \`npm run eval -- --write\`; change scripts/eval/page.mjs, not this page. -->

A flow is a pipeline of small models and rules: a JSON document (\`flows/NAME/flow.json\`, described by \`flows/flow.schema.json\`) that
is checked before it runs and traced while it does. How to run, build and train: [the guide](guide/flows.md).

    npm run flow -- invoice --input bill.txt --json
    npm run flow -- --list

## How well they do

| flow | held-out | one model, constrained | one model, free | cases | held-out, first run | development | one model there | a case is right when |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

**Method.** Each flow has two sets of cases, all written for this project. *Development* (\`flows/NAME/test.jsonl\`): rules, thresholds
and training rows were mended after looking at these, so their scores flatter. *Held-out* (\`flows/NAME/held-out.jsonl\`): written
afterwards, in other words, layouts, countries and domains, and committed before anything was changed for them. "First run" is how the flows as
they were then did on them. Rules and training rows were then made more general, from what such documents look like in the world and from other
inputs; the held-out cases that went wrong were not looked at (\`--wrong\` does not show them), only their share, and no text
of them stands in the training rows (\`flows/experts/*.tsv\`). The same hand wrote the sets, the rules and the
training rows. **For invoices and personal data the held-out figure is an upper bound**: whoever extended those rules knew what the held-out cases hold,
and their share was looked at several times meanwhile; 75.1 % and 78.6 %, the first run, are what texts of a stranger may see at worst.
The sets are small: at 42 cases, one is 2.4 points, and the standard error of a score of 85 % is 5.5 points.

"One model" is SmolLM2 135M Instruct, the chat model that the product brings, greedy. *Constrained*: its answer can only be one of those
asked for (\`response_format\`: a choice, or JSON of the right shape, keys and enumerations), which is the strongest way to ask it; of personal
data it lists what is to go and code takes it out. *Free*: the same, free in what it writes, read strictly. For support it is asked the route
alone, which is the easier half. A chat model ten times its size would do far better; it would also need ten times the memory and time.

**Inputs of another day.** Later, 266 inputs and 78 for the tasks were written at one sitting, in other words, trades, formats, currencies and
languages, with typos, small talk and things that no flow is made for, with the answer that a sensible person expects, and run once before
anything was changed for them (first column). Then half went to development (into \`test.jsonl\`); the other half (\`unseen.jsonl\`) was run
again after the work: its share was seen a few times, its wrong cases never. Training rows nearer to one of its texts than a cosine of 0.75 were left out, as for held-out ones.

| flow | first run, all | first run, the half kept aside | that half now | one model there | cases |
|---|---|---|---|---|---|
${laterRows(flows, tasks, 'unseen').join('\n')}

**The same once more.** Then 128 further inputs and 30 for the tasks, again in other styles (forms, notices, minutes, reports, chat), run once before
anything was changed for them. **First run, all, is the figure to go by for a stranger's input of today's flows**: whatever came later was made by somebody who knew these.
Half went to development, half is kept aside (\`fresh.jsonl\`). The shares of all that is kept aside were seen several times meanwhile, and
one weight of recommend was kept because held-out did better with it: "now" is a little too good for that too.

| flow | first run, all | first run, the half kept aside | that half now | one model there | cases |
|---|---|---|---|---|---|
${laterRows(flows, tasks, 'fresh').join('\n')}

The hand that wrote these cases also wrote the training rows and rules that came after them, so "now" still flatters; the first runs do not.
The halves are small: of 20 cases, one is 5 points; of 7, one is 14. "One model there" is the constrained one; where it says –, it was not measured. Of development it is
the cases of the first set and those added later together, where both were measured.

**Claims** (search-report). A claim is supported where a sentence speaks of it (a small head over nearness of sentence and words, trained from
${claims.rows} claims on texts, \`flows/experts/claims.jsonl\`; right in ${percent(claims.crossValidatedAccuracy)} of texts kept out) and nothing in it differs: numbers, dates, names, "not", what is denied, opposites, who did it to whom.
There is no model of entailment in it: of its own, deliberately hard, training claims a quarter of the unsupported ones pass as supported (another word in the place of the right one, "nurse" for "pilot"),
and three in ten of the supported ones do not. Trust "contradicted" and its reasons more than "supported".

## Distillation

What an expert learns from labels that a model writes, held to the labels, and from the same texts labelled by a person: \`npm run eval -- --distill\`.
The teacher is SmolLM2 135M, far below the 300 M that \`distill\` asks for by itself, to see why it does. Rows of \`flows/experts/*.tsv\`, in three parts.

| expert | labelled rows at first | raw texts | of them labelled rightly by the model | expert agrees with the model | accuracy before | after the model | after a person | the model itself | checked on |
|---|---|---|---|---|---|---|---|---|---|
${taught.join('\n')}

Read: so small a teacher is right little more often than by chance. It made the experts for spam and intents much worse, and lifted the one for moods to less than what a
person's labels of the same texts give; those lift every expert by far. So \`distill\` takes no such teacher unless it is named, and shows accuracy before and after on rows of a person,
to be looked at before the expert is kept.

    npm run eval                   # the flows and tasks on all sets, a few minutes
    npm run eval -- --baseline     # the single model too, over an hour; in parts with --only and --set
    npm run eval -- --distill      # the table of distillation
    npm run eval -- --check        # fails where a score is below the committed one (flows/scores.json); npm test does it with a part of the cases

Experts are linear heads over sentence vectors (all-MiniLM-L6-v2) and pieces of words; \`npm run eval -- --train\` makes them again,
bit for bit on the same machine.
`;
}
