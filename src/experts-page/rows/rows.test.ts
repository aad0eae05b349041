import { describe, expect, it } from 'vitest';
import type { Sotto } from '../../client/index.ts';
import { parseCsv } from '../../runtime/tasks/text/index.ts';
import { wilson } from '../statistics.ts';
import { type Given, sortExamples } from './examples.ts';
import { guessColumns } from './guess.ts';
import { readMarks, readNames } from './marks.ts';
import { appendRows, readTable, turnHead } from './read-table.ts';
import { MOST_CHARACTERS, readText } from './read-text.ts';

const sotto = {
  tasks: { run: async (_: string, { text }: { text: string }) => parseCsv(text) },
} as unknown as Sotto;
const read = (text: string) => readTable(sotto, 'a', text, false);

describe('a table', () => {
  it.each([
    ['commas', 'label,text\nfaq,"Hello, you"\nbug,It broke', ['label', 'text']],
    ['tabs and no names', 'faq\tHello, you\nbug\tIt broke\nfaq\tHi', null],
    ['semicolons', 'text;label\nHello, you;faq\nIt broke;bug', ['text', 'label']],
    ['JSON lines', '{"text":"Hello, you","label":"faq"}\n{"text":"It broke","label":"bug"}', ['text', 'label']],
    ['a JSON list', '[{"text":"Hello, you","label":"faq"},{"text":"It broke","label":"bug"}]', ['text', 'label']],
  ])('of %s is read, with its columns guessed', async (_, text, names) => {
    const table = await read(text);
    expect(table.names).toEqual(names);
    const columns = guessColumns(table.names ?? ['', ''], table.rows);
    const [first] = table.rows;
    expect(first?.[columns.text]).toBe('Hello, you');
    expect(first?.[columns.label]).toBe('faq');
    expect(table.broken).toEqual([]);
  });

  it('keeps lines aside that do not fit, by their line in the file', async () => {
    const table = await read('\n\nlabel,text\nfaq,Hi\nfaq,one,two\nbug,"not closed\n');
    expect(table.rows).toEqual([['faq', 'Hi']]);
    expect(table.broken.map(({ line }) => line)).toEqual([5, 6]);
    const json = await read('{"text":"a"}\n{"text":\n[1]\n{"text":"b"}');
    expect(json.rows).toEqual([['a'], ['b']]);
    expect(json.broken.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('takes plain lines as texts, commas and all', async () => {
    const table = await read('Where is it?\nIt broke, I think, on Monday\nThanks, bye\n\nOh');
    expect(table).toMatchObject({ names: null, broken: [] });
    expect(table.rows).toHaveLength(4);
    expect(guessColumns([''], table.rows)).toEqual({ text: 0, label: -1 });
  });

  it('lets a person say whether the first line names the columns', async () => {
    const table = await read('faq,Hi there\nbug,It broke\nfaq,Hello');
    expect(turnHead(table)).toMatchObject({
      names: ['faq', 'Hi there'],
      rows: [
        ['bug', 'It broke'],
        ['faq', 'Hello'],
      ],
    });
    expect(turnHead(turnHead(table))).toEqual(table);
  });

  it('takes more rows of other columns, each cell where it belongs', async () => {
    const first = await read('text\nHello there\nIt broke');
    const more = await read('id,label,text\n7,faq,Hi\n8,bug,"It broke, too"\n9,faq,Hey');
    const { source, at } = appendRows(first, { text: 0, label: -1 }, more, guessColumns(more.names ?? [], more.rows));
    expect(at).toEqual({ text: 0, label: 1 });
    expect(source.rows.slice(1)).toEqual([['It broke'], ['Hi', 'faq'], ['It broke, too', 'bug'], ['Hey', 'faq']]);
  });
});

describe('a file', () => {
  const bytes = (...values: readonly number[]) => new Blob([Uint8Array.from(values)]);

  it('is read in its encoding, and refused where it is no text', async () => {
    expect(await readText(new Blob(['Tür']))).toMatchObject({ text: 'Tür', encoding: 'utf-8' });
    expect(await readText(bytes(0x54, 0xfc, 0x72))).toMatchObject({ text: 'Tür', encoding: 'windows-1252' });
    expect(await readText(bytes(0xff, 0xfe, 0x54, 0, 0xfc, 0))).toMatchObject({ text: 'Tü', encoding: 'utf-16' });
    expect(await readText(bytes(...[...'abcdefgh'].flatMap((letter) => [letter.charCodeAt(0), 0])))).toMatchObject({
      text: 'abcdefgh',
    });
    expect(await readText(bytes(1, 0, 2, 255))).toBeNull();
    expect(await readText(bytes(...Array.from({ length: 300 }, (_, at) => 0x80 + (at % 32))))).toBeNull();
  });

  it('that is huge is read to a whole line', async () => {
    const known = await readText(new Blob([`${'x'.repeat(999)}\n`.repeat(2_500)]));
    expect(known?.isCut).toBe(true);
    expect(known?.text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(known?.text.endsWith('x')).toBe(true);
  });
});

describe('examples', () => {
  const given = (part: Partial<Given>): Given => ({
    cells: [],
    byHand: new Map(),
    byModel: new Map(),
    holdsOut: false,
    ...part,
  });
  const cells = [
    { text: 'a', label: 'x' },
    { text: 'a ', label: 'x' },
    { text: 'b', label: 'x' },
    { text: 'c', label: 'y' },
    { text: 'd', label: 'y' },
    { text: 'e', label: 'alone' },
    { text: 'f', label: 'x' },
    { text: 'f', label: 'y' },
    { text: 'g', label: '' },
    { text: ' ', label: 'x' },
  ];

  it('are sorted by what becomes of them, and none is lost unsaid', () => {
    const sorted = sortExamples(given({ cells }));
    expect(sorted.learned.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
    expect(sorted).toMatchObject({ raw: ['g'], lonely: ['alone'], repeated: 1, empty: 1, surplus: 0 });
    expect(sorted.disputed).toEqual([{ text: 'f', labels: ['x', 'y'] }]);
  });

  it('take a person’s word above the file’s, and a model’s below both', () => {
    const byHand = new Map([
      ['f', 'y'],
      ['a', ''],
      ['b', 'y'],
    ]);
    const sorted = sortExamples(
      given({
        cells,
        byHand,
        byModel: new Map([
          ['g', 'x'],
          ['c', 'x'],
        ]),
      }),
    );
    expect(sorted.learned).toEqual([
      { text: 'b', label: 'y' },
      { text: 'c', label: 'y' },
      { text: 'd', label: 'y' },
      { text: 'f', label: 'y' },
    ]);
    // With "a" left out and "b" another, what the model said stands alone.
    expect(sorted.lonely).toEqual(['alone', 'x']);
  });

  it('hold the same rows out whatever comes later, none of a model’s, and leave rare labels whole', () => {
    const many = Array.from({ length: 200 }, (_, row) => ({ text: `row ${row}`, label: row % 2 ? 'odd' : 'even' }));
    const rare = Array.from({ length: 5 }, (_, row) => ({ text: `rare ${row}`, label: 'rare' }));
    const byModel = new Map(Array.from({ length: 100 }, (_, row) => [`said ${row}`, 'odd'] as const));
    const raw = [...byModel.keys()].map((text) => ({ text, label: '' }));
    const first = sortExamples(given({ cells: [...many, ...rare], holdsOut: true }));
    const later = sortExamples(given({ cells: [...raw, ...many.toReversed(), ...rare], byModel, holdsOut: true }));
    const texts = (rows: readonly { readonly text: string }[]) => rows.map(({ text }) => text).sort();
    expect(texts(later.heldOut)).toEqual(texts(first.heldOut));
    expect(first.heldOut.length).toBeGreaterThan(20);
    expect(first.heldOut.length).toBeLessThan(60);
    expect(first.heldOut.some(({ label }) => label === 'rare')).toBe(false);
    expect(first.learned.some(({ text }) => texts(first.heldOut).includes(text))).toBe(false);
  });

  it('beyond the most are thinned out evenly', () => {
    const sorted = sortExamples(
      given({ cells: Array.from({ length: 6_000 }, (_, row) => ({ text: `${row}`, label: row < 3_000 ? 'a' : 'b' })) }),
    );
    expect(sorted.learned).toHaveLength(5_000);
    expect(sorted.surplus).toBe(1_000);
    expect(sorted.learned.filter(({ label }) => label === 'a')).toHaveLength(2_500);
  });
});

describe('names in texts', () => {
  it('are marked in the text, or given by their places', () => {
    const { text, entities } = readMarks('The pump of [Aurora](ship) and [Sea Finch](ship) leaks (badly).');
    expect(text).toBe('The pump of Aurora and Sea Finch leaks (badly).');
    expect(entities.map(({ start, end }) => text.slice(start, end))).toEqual(['Aurora', 'Sea Finch']);
    expect(readNames('Aurora leaks', '[{"start":0,"end":6,"label":"ship"}]')?.entities).toHaveLength(1);
    expect(readNames('Aurora leaks', '[{"start":0,"end":60,"label":"ship"}]')).toBeNull();
    expect(readNames('Aurora leaks', 'Aurora')).toBeNull();
    expect(readNames('nothing here', '')).toEqual({ text: 'nothing here', entities: [] });
  });
});

it('a counted share has the bounds that statistics books give', () => {
  const { low, high } = wilson(0.9, 50);
  expect(low).toBeCloseTo(0.7864, 3);
  expect(high).toBeCloseTo(0.9565, 3);
  expect(wilson(1, 10).low).toBeCloseTo(0.7225, 3);
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
});
