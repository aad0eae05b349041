import { expect, it } from 'vitest';
import { KeywordIndex } from './keyword-index.ts';

const ALL = () => true;

function indexOf(...texts: readonly string[]): KeywordIndex {
  const index = new KeywordIndex();
  index.add(texts.map((text, id) => ({ id, text, headings: '' })));
  return index;
}

it('finds what holds more of the question first, and rare words before common ones', () => {
  const index = indexOf('the harbour at night', 'harbour lantern', 'a lantern in the harbour, a harbour', 'a harbour');
  expect(index.find('harbour lantern', 9, ALL).slice(0, 2).toSorted()).toEqual([1, 2]);
  expect(index.find('lantern', 9, ALL).toSorted()).toEqual([1, 2]);
  expect(index.find('lighthouse', 9, ALL)).toEqual([]);
  expect(index.find('harbour', 2, ALL)).toHaveLength(2);
});

it('finds words that begin like the one asked for, after the word itself', () => {
  const index = indexOf('Lichtspielhaus', 'Licht', 'Lich');
  expect(index.find('licht', 9, ALL)).toEqual([1, 0]);
});

it('takes a heading for more than the text', () => {
  const index = new KeywordIndex();
  index.add([
    { id: 0, text: 'garden gate', headings: 'House' },
    { id: 1, text: 'house gate', headings: 'Garden' },
  ]);
  expect(index.find('garden', 9, ALL)).toEqual([1, 0]);
});

it('forgets what was removed, and learns anew', () => {
  const index = indexOf('copper kettle', 'copper bridge', 'copperplate');
  index.remove([0, 2]);
  expect(index.find('copper', 9, ALL)).toEqual([1]);
  expect(index.find('kettle', 9, ALL)).toEqual([]);
  index.add([{ id: 7, text: 'kettle', headings: '' }]);
  expect(index.find('kettle', 9, ALL)).toEqual([7]);
  expect(index.find('copper', 9, (id) => id !== 1)).toEqual([]);
});
