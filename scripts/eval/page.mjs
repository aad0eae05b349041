/**
 * docs/flows.md: what the flows do and how well, with the method.
 * @param {readonly { name: string, score: number, baseline: number | null, cases: number, metric: string, ms: number }[]} flows
 */
export function flowsPage(flows) {
  const percent = (/** @type {number | null} */ value) =>
    value === null ? 'not measured' : `${(value * 100).toFixed(1)} %`;
  const rows = flows.map(
    ({ name, score, baseline, cases, metric }) =>
      `| [${name}](../flows/${name}/flow.json) | ${percent(score)} | ${percent(baseline)} | ${cases} | ${metric} |`,
  );
  return `# Flows

<!-- Written by \`npm run eval -- --write\`; change scripts/eval/page.mjs, not this page. -->

A flow is a pipeline of small models and rules: a JSON document (\`flows/NAME/flow.json\`, described by \`flows/flow.schema.json\`) that
is checked before it runs and traced while it does. Run one on your own files:

    npm run flow -- invoice --input bill.txt --json
    npm run flow -- --list

## How well they do

| flow | flow | one small model | cases | a case is right when |
|---|---|---|---|---|
${rows.join('\n')}

**Method.** Each flow has a test set (\`flows/NAME/test.jsonl\`) written for this project. Experts learn from other rows
(\`flows/experts/*.tsv\`); no test text stands there, and thresholds come from cross-validation on those rows. Rules, thresholds and some
rows were mended once after a first run had shown faults on these very test sets, so the scores are kind to the flows: expect less on texts
of another sort. The sets are small: at 48 cases, one is two points. "One small model" is SmolLM2 135M Instruct, the chat model that the
product brings, asked each case with one prompt, greedy, free in what it writes; a label counts where it is the first named. It mostly writes
something else than was asked, and choosing under constraint would help it. A chat model ten times its size would do far better; it would
also need ten times the memory and time.

    npm run eval                   # the flows, a few minutes
    npm run eval -- --baseline     # the single model too, about half an hour
    npm run eval -- --check        # fails where a score is below the committed one (flows/scores.json)

Experts are linear heads over sentence vectors (all-MiniLM-L6-v2) and pieces of words; \`npm run eval -- --train\` makes them again,
bit for bit on the same machine.
`;
}
