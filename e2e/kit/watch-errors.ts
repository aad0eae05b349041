import type { BrowserContext, Page } from '@playwright/test';

/** What a page complained about. */
export interface ErrorWatch {
  /** Console errors (policy violations are among them), uncaught errors and unhandled rejections, workers' included. */
  readonly errors: readonly string[];
}

/** Listens to a page, and to every page its context opens later. Errors that match `allowed` are left out. */
export function watchErrors(target: Page | BrowserContext, allowed: readonly RegExp[] = []): ErrorWatch {
  const errors: string[] = [];
  const add = (text: string): void => {
    if (!allowed.some((pattern) => pattern.test(text))) errors.push(text);
  };
  const watch = (page: Page): void => {
    page.on('console', (message) => {
      const isViolation = /Content Security Policy|Trusted ?Type|Permissions policy violation/i.test(message.text());
      if (message.type() === 'error' || isViolation) add(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => add(`uncaught: ${error.stack ?? error.message}`));
    page.on('crash', () => add('the page crashed'));
  };
  if ('newPage' in target) {
    target.pages().forEach(watch);
    target.on('page', watch);
  } else {
    watch(target);
  }
  return { errors };
}
