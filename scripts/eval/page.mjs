import { percent } from './scores.mjs';

/**
 * docs/flows.md: what the flows do and how well, with the method.
 * @param {readonly import('./scores.mjs').Score[]} flows
 * @param {import('./scores.mjs').TaskScore} tasks
 */
export function flowsPage(flows, tasks) {
  const later = [
    ...flows.map(({ name, unseen }) => ({ name, ...unseen })),
    { name: 'tasks by themselves', ...tasks },
  ].map(
    ({ name, score, cases, first, whole }) =>
      `| ${name} | ${percent(whole?.score)} of ${whole?.cases ?? 0} | ${percent(first)} | ${percent(score)} | ${cases ?? 0} |`,
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

| flow | first run, all | first run, the half kept aside | that half now | cases |
|---|---|---|---|---|
${later.join('\n')}

The hand that wrote these cases also wrote the training rows and rules that came after them, so the last column still flatters; the first ones do not.
The halves are small: of 20 cases, one is 5 points. The flows of questions and claims (search-report) have no model that knows that "gave up" is "resigned".
"One model" of development was measured before these cases were added.

    npm run eval                   # the flows and tasks on all sets, a few minutes
    npm run eval -- --baseline     # the single model too, about an hour
    npm run eval -- --check        # fails where a score is below the committed one (flows/scores.json)

Experts are linear heads over sentence vectors (all-MiniLM-L6-v2) and pieces of words; \`npm run eval -- --train\` makes them again,
bit for bit on the same machine.
`;
}
