import { expect, it } from 'vitest';
import { SottoError } from './error.ts';
import { ERROR_ACTIONS, type SottoErrorCode } from './error-codes.ts';
import { ERROR_CAUSES } from './testing/error-causes.ts';

it('every error is documented', async () => {
  const codes = Object.keys(ERROR_ACTIONS) as SottoErrorCode[];
  expect(codes.filter((code) => ERROR_CAUSES[code] === undefined)).toEqual([]);
  const rows = codes.map((code) => {
    const retry = new SottoError(code, '').isRetryable ? 'yes' : '';
    return `| \`${code}\` | ${ERROR_CAUSES[code]} | ${ERROR_ACTIONS[code]} | ${retry} |`;
  });
  const page = `# Errors by code

Whatever fails rejects with a \`SottoError\`: a \`code\` of this list, a \`message\` that names the place, \`details\` (plain data),
\`userAction\` (one sentence for the person: the third column), and \`isRetryable\`. What an \`AbortSignal\` ended rejects with the
browser's own \`AbortError\` (\`isAbortError(error)\`), or resolves with \`finish_reason: 'abort'\` where an answer had begun.

\`\`\`ts
import { isAbortError, SottoError } from 'sotto';

try {
  await sotto.models.load(model, { signal });
} catch (error) {
  if (isAbortError(error)) return;
  if (!SottoError.isInstance(error)) throw error;
  show(error.userAction);
  if (error.isRetryable) offerAgain();
}
\`\`\`

Made by \`src/shared/error-page.test.ts\` (\`npx vitest run --project node src/shared/error-page.test.ts -u\` writes it anew).

| code | when | what to do | worth trying again |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
  await expect(page).toMatchFileSnapshot('../../docs/guide/errors.md');
});
