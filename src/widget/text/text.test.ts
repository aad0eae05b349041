import { expect, it } from 'vitest';
import { chooseWords } from './choose-words.ts';

it('takes the first language there are words for, and its direction', () => {
  expect(chooseWords(['pt-BR', 'de-AT', 'fr'])).toMatchObject({ language: 'de', direction: 'ltr' });
  expect(chooseWords(['ar-EG'])).toMatchObject({ language: 'ar', direction: 'rtl' });
  expect(chooseWords(['constructor', 'xx'])).toMatchObject({ language: 'en' });
});

it('has figures in every sentence that needs them', () => {
  for (const language of ['en', 'de', 'fr', 'es', 'ar', 'ja']) {
    const { words } = chooseWords([language]);
    expect(words.install('98 MB')).toContain('98 MB');
    expect(words.fetching('1 MB', '98 MB')).toMatch(/1 MB.*98 MB/);
    for (const [name, word] of Object.entries(words)) if (typeof word === 'string') expect(word, name).not.toBe('');
  }
});
