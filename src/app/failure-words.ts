import { signal } from '@preact/signals';
import { type Failures, loadFailures } from './i18n/index.ts';

/** What can go wrong, in the language of this page. Null until it is there: it comes after the page, which mostly needs none of it. */
export const failureWords = signal<Failures | null>(null);

void loadFailures().then((words) => {
  failureWords.value = words;
});
