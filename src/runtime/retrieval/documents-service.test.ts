import { expect, it } from 'vitest';
import { createDocumentsService } from './documents-service.ts';
import { samplePdf } from './testing/sample-files.ts';

const read = (content: BlobPart, name: string) =>
  createDocumentsService().read('1', new File([content], name), name, () => {});

it.each([
  ['a scan: a page without a word', samplePdf([[]]), 'scan.pdf'],
  ['nothing but blanks', ' \n\t\n ', 'blank.txt'],
  ['a page of nothing but a script', '<script>let a = 1;</script>', 'page.html'],
])('%s is refused rather than kept without a passage', async (_what, content, name) => {
  const answer = await read(content, name);
  expect(answer).toMatchObject({ error: { code: 'document-invalid', message: expect.stringContaining('No text') } });
});

it('a word is a document', async () => {
  expect(await read('word', 'a.txt')).toMatchObject({ value: { chunks: [{ text: 'word' }] } });
});
