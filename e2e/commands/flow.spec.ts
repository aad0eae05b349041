import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { sampleDocx, samplePdf } from '../../src/runtime/retrieval/testing/sample-files.ts';

interface Outcome {
  readonly input?: string;
  readonly output?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

function flow(...parameters: string[]): Promise<{ exitCode: number; outcomes: Outcome[]; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, maxBuffer: 64 * 2 ** 20 };
    execFile(process.execPath, ['scripts/flow.mjs', ...parameters, '--json'], options, (error, stdout, stderr) => {
      const outcomes = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Outcome);
      resolve({ exitCode: error === null ? 0 : Number(error.code), outcomes, stderr });
    });
  });
}

let folder = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-flow-'));
});
test.afterAll(() => rmSync(folder, { recursive: true }));

const save = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const line = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
const row = (...cells: string[]) => `<w:tr>${cells.map((cell) => `<w:tc>${line(cell)}</w:tc>`).join('')}</w:tr>`;

test('invoices are read out of PDF and Word files, with their lines', async () => {
  const items = [
    ['Rope 20 m', '2', '35.00', '70.00'],
    ['Carabiner', '10', '8.50', '85.00'],
  ];
  const head = ['Falcon Climbing Ltd', 'Invoice number: FC-881', 'Invoice date: 2 March 2026'];
  const sums = [
    ['Subtotal', '155.00'],
    ['VAT 20%', '31.00'],
    ['Total due', 'GBP 186.00'],
  ];
  const columns = [50, 250, 350, 450];
  save(
    'bills/a.pdf',
    samplePdf([
      [
        ...head.map((text, index) => ({ text, y: 760 - index * 16 })),
        ...items.flatMap((cells, at) =>
          cells.map((text, column) => ({ text, y: 660 - at * 16, x: columns[column] ?? 50 })),
        ),
        ...sums.flatMap(([name = '', value = ''], at) => [
          { text: name, y: 600 - at * 16, x: 250 },
          { text: value, y: 600 - at * 16, x: 450 },
        ]),
      ],
    ]),
  );
  save(
    'bills/b.docx',
    sampleDocx(
      `${head.map(line).join('')}<w:tbl>${[...items, ...sums].map((cells) => row(...cells)).join('')}</w:tbl>`,
    ),
  );
  save('bills/c.pdf', 'this is no PDF');
  const { outcomes, exitCode } = await flow('invoice', '--input', join(folder, 'bills'));
  expect(outcomes.map(({ input }) => input)).toEqual(['a.pdf', 'b.docx', 'c.pdf']);
  for (const { output } of outcomes.slice(0, 2)) {
    expect(output).toMatchObject({
      status: 'complete',
      invoice: {
        invoiceNumber: 'FC-881',
        date: '2026-03-02',
        supplier: 'Falcon Climbing Ltd',
        subtotal: 155,
        tax: 31,
        total: 186,
        currency: 'GBP',
      },
      items: [
        { quantity: 2, amount: 70 },
        { quantity: 10, amount: 85 },
      ],
    });
  }
  expect(outcomes[2]?.error?.code).toBe('task-input');
  // One bad file among good ones is told by the exit code too.
  expect(exitCode).toBe(1);
});

test('what is no proper input is named, file by file, and the others are run', async () => {
  save('odd/a-good.txt', 'Your parcel arrives on Tuesday between 9 and 11.');
  save('odd/b-empty.txt', '');
  save('odd/c-binary.txt', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]));
  save('odd/d-latin1.txt', Buffer.from('Schöne Grüße aus Köln, Müller', 'latin1'));
  save('odd/e-utf16.txt', Buffer.from('\ufeffYou have won a prize, click bit.ly/x1 now!', 'utf16le'));
  save('odd/f-blank.txt', ' \n\t\n ');
  save(
    'odd/g-rows.csv',
    'id,message\n1,"Verify your password at once"\n2,too,many,cells\n3,"See you at lunch"\n4,"never closed\n',
  );
  save('odd/h-lines.jsonl', '"Lunch at noon?"\n{broken\n');
  save('odd/i-long.txt', 'The meeting was moved to Thursday. '.repeat(4_000));
  const { outcomes } = await flow('spam', '--input', join(folder, 'odd'));
  const byInput = new Map(outcomes.map((outcome) => [outcome.input ?? '', outcome]));
  const failed = outcomes.filter(({ error }) => error !== undefined).map(({ input }) => input);
  expect(failed.sort()).toEqual(
    [
      'b-empty.txt',
      'c-binary.txt',
      'f-blank.txt',
      'g-rows.csv, line 3',
      'g-rows.csv, line 5',
      'h-lines.jsonl, line 2',
    ].sort(),
  );
  expect(
    outcomes
      .filter(({ error }) => error !== undefined)
      .every(({ error }) => error?.code === 'task-input' || error?.code === 'invalid-option'),
  ).toBe(true);
  expect(byInput.get('e-utf16.txt')?.output?.['label']).toBe('fraud');
  expect(byInput.get('g-rows.csv, row 1')?.output?.['label']).toBe('fraud');
  expect(byInput.get('i-long.txt')?.output?.['label']).toBe('legitimate');

  const cycle = {
    flowVersion: 1,
    id: 'odd',
    version: '1',
    name: 'Odd',
    description: '',
    input: { type: 'text' },
    nodes: [
      { id: 'a', uses: 'transform.text', with: { template: '{a}' } },
      { id: 'b', uses: 'transform.text', with: { template: '{a}' } },
    ],
    edges: [
      { from: 'a', to: 'b', as: 'a' },
      { from: 'b', to: 'a', as: 'a' },
    ],
    output: ['b'],
  };
  const refused = await flow(save('cycle.json', JSON.stringify(cycle)), '--text', 'x');
  expect(refused.outcomes[0]?.error).toMatchObject({
    code: 'flow-invalid',
    message: expect.stringContaining('nodes.a'),
  });
});
