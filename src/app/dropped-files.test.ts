import { expect, it } from 'vitest';
import { droppedFiles } from './dropped-files.ts';

const file = (name: string) => ({ name, isFile: true, file: (done: (_: File) => void) => done(new File([''], name)) });
/** A folder that gives a hundred entries at a time, as browsers do; `asked` counts how often. */
function folder(name: string, entries: readonly unknown[], asked = { times: 0 }) {
  const createReader = () => {
    let at = 0;
    const readEntries = (done: (_: readonly unknown[]) => void) => {
      asked.times += 1;
      at += 100;
      done(entries.slice(at - 100, at));
    };
    return { readEntries };
  };
  return { name, isFile: false, createReader };
}
const drop = (...entries: readonly unknown[]) =>
  droppedFiles({
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer);

it('gives the files of folders with their paths, and leaves out what is hidden', async () => {
  const inner = folder('b', [file('c.md'), file('.hidden')]);
  const files = await drop(folder('a', [inner, file('d.txt')]), file('e.txt'));
  expect(files.map(({ name }) => name)).toEqual(['a/b/c.md', 'a/d.txt', 'e.txt']);
});

it('refuses a huge folder before it has been gone through', async () => {
  const asked = { times: 0 };
  const huge = folder(
    'huge',
    Array.from({ length: 100_000 }, (_, at) => file(`${at}.o`)),
    asked,
  );
  await expect(drop(huge)).rejects.toMatchObject({ code: 'document-invalid' });
  expect(asked.times).toBe(51);
});
