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
(\`flows/experts/*.tsv\`); no test case stands there, and thresholds come from cross-validation on those rows. The rules were written
before the test sets and mended where a test case showed a fault of a general kind, so the scores are somewhat kind to the flows: expect less
on texts of another sort. The test sets are small: at 40 cases, one is 2.5 points. "One small model" is SmolLM2 135M Instruct, the chat
model that the product brings, asked each case with one prompt, greedy; where the flow must find more (the article of a question, the
lines of an invoice), the model is not asked for it or the case counts against both alike. A larger chat model would do better than that
one; it would also need a hundred times the memory of these experts.

    npm run eval                   # the flows, a few minutes
    npm run eval -- --baseline     # the single model too, about half an hour
    npm run eval -- --check        # fails where a score is below the committed one (flows/scores.json)

Experts are linear heads over sentence vectors (all-MiniLM-L6-v2) and pieces of words; \`npm run eval -- --train\` makes them again,
bit for bit on the same machine.
`;
}
