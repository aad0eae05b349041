/// <reference path="../../../public/widget.d.ts" />
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { SottoError } from '../../client/index.ts';
import { OPEN_POLICY } from '../../policy/index.ts';
import type { EngineScript } from '../testing/scripted-engine.ts';
import { SottoChat, type SottoChatEvents } from './sotto-chat.ts';

// The element as it is, with an assistant in the page whose engine does what the test says.
const BASE = new URL('/src/widget/testing/', location.href);
// An engine of words takes no time: what waits for longer waits in vain.
vi.setConfig({ testTimeout: 20_000 });
customElements.define(
  'sotto-chat',
  class extends SottoChat {
    constructor() {
      super(BASE);
    }
  },
);

// One that does not fit the window is drawn smaller, and what is drawn smaller does not count as seen.
beforeEach(() => page.viewport(1000, 600));
afterEach(() => document.body.replaceChildren());

/** Puts an element into the page; `inside` goes into its slots. */
function put(script: EngineScript, attributes: Readonly<Record<string, string>> = {}, inside: readonly Node[] = []) {
  Object.assign(globalThis, { nextScript: script });
  const chat = document.createElement('sotto-chat') as SottoChat & SottoChatElement;
  for (const [name, value] of Object.entries({ embed: 'page', lang: 'en', ...attributes }))
    chat.setAttribute(name, value);
  chat.append(...inside);
  const events: { name: string; detail: unknown }[] = [];
  for (const name of ['open', 'close', 'ready', 'message', 'link', 'error', 'state']) {
    chat.addEventListener(`sotto-${name}`, (event) => {
      events.push({ name, detail: (event as CustomEvent).detail });
      if (name === 'link') event.preventDefault();
    });
  }
  document.body.append(chat);
  return { chat, events, names: () => events.map(({ name }) => name).filter((name) => name !== 'state') };
}

function slotted(slot: string, text: string): HTMLElement {
  const element = document.createElement('p');
  element.slot = slot;
  element.textContent = text;
  return element;
}

/** The element that has the focus, through all shadow roots. */
function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

const box = () => page.getByRole('textbox', { name: 'Message' });

it('says what would be fetched and asks once, with the policy’s words; the slots come and go with the states', async () => {
  let arrive = () => {};
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  const policy = { ...OPEN_POLICY, consent: { en: 'Nobody at Example Ltd reads this.' } };
  const inside = [
    slotted('header', 'Our header'),
    slotted('consent', 'Our consent'),
    slotted('welcome', 'Our welcome'),
  ];
  const { chat, names } = put(
    { policy, arrival, answer: 'Thirty days.' },
    { mode: 'inline', title: 'Help desk' },
    inside,
  );
  await expect.element(page.getByText('Nobody at Example Ltd reads this.')).toBeVisible();
  for (const text of ['Our header', 'Our consent', 'Our welcome'])
    await expect.element(page.getByText(text)).toBeVisible();
  await expect.element(box()).toBeDisabled();
  await page.getByRole('button', { name: 'Fetch the model (98 MB)' }).click();
  await expect.element(page.getByRole('progressbar')).toHaveAccessibleName('Fetching the model: 49 MB of 98 MB');
  await expect.element(page.getByText('Our consent')).not.toBeVisible();
  arrive();
  await expect.element(box()).toBeEnabled();
  chat.send('How many days?');
  await expect.element(page.getByText('Thirty days.', { exact: true })).toBeVisible();
  await expect.element(page.getByText('Our welcome')).not.toBeVisible();
  await expect.element(page.getByText('Our header')).toBeVisible();
  await expect.poll(names).toEqual(['open', 'ready', 'message', 'message']);
  expect(chat.messages, 'the page does not read along').toBeNull();
  chat.clear();
  await expect.element(page.getByText('Our welcome')).toBeVisible();
});

it('answers from the site’s pages and leads to them only when asked', async () => {
  const address = `${location.origin}/leave.html`;
  const passage = { title: 'Leave policy', text: 'Thirty days a year.', address };
  const { events } = put({ isStored: true, passage }, { mode: 'inline' });
  await box().fill('How many days?');
  await userEvent.keyboard('{Enter}');
  const source = page.getByRole('button', { name: 'Leave policy' });
  await source.click();
  await expect.element(source).toHaveAttribute('aria-expanded', 'true');
  await expect.element(page.getByText('Thirty days a year.')).toBeVisible();
  expect(events.some(({ name }) => name === 'link')).toBe(false);
  await page.getByRole('button', { name: 'Open this page' }).click();
  expect(events.at(-1)).toEqual({ name: 'link', detail: { address } });
});

const TICKET = {
  name: 'open_ticket',
  description: 'Opens a ticket at the help desk.',
  parameters: { type: 'object', properties: { subject: { type: 'string' } }, required: ['subject'] },
};
const CALL = { name: 'open_ticket', arguments: { subject: 'The printer <b>burns</b>' } };

async function askForTicket() {
  const run = vi.fn(() => 'ticket 7');
  const { chat } = put({ isStored: true, call: CALL, answer: 'Done:' }, { mode: 'inline' });
  chat.registerTool({ ...TICKET, run });
  await expect.element(box()).toBeEnabled();
  chat.send('Open a ticket');
  const sheet = page.getByRole('alertdialog');
  await expect.element(sheet).toBeVisible();
  await expect.element(sheet).toHaveTextContent('"subject": "The printer <b>burns</b>"');
  return { run, sheet, allow: sheet.getByRole('button', { name: 'Allow' }) };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('runs an action of the page only after a yes that was given with open eyes', async () => {
  const { run, allow } = await askForTicket();
  await expect.poll(() => focused()?.textContent).toBe('No');
  (allow.element() as HTMLElement).click();
  expect(run, 'a click that comes at once was meant for something else').not.toHaveBeenCalled();
  await pause(800);
  await allow.click();
  expect(run).toHaveBeenCalledExactlyOnceWith(CALL.arguments);
  await expect.element(page.getByText('Done: ticket 7', { exact: true })).toBeVisible();
});

it('takes no yes from under a cover', async () => {
  const { run, sheet, allow } = await askForTicket();
  await pause(800);
  const cover = document.createElement('div');
  cover.style.cssText = 'position: fixed; inset: 0; z-index: 2147483647; background: white; pointer-events: none';
  document.body.append(cover);
  await pause(500);
  await allow.click();
  await expect.element(sheet.getByText('Something lies over this question.', { exact: false })).toBeInTheDocument();
  expect(run).not.toHaveBeenCalled();
  cover.remove();
  await pause(1_000);
  await allow.click();
  expect(run).toHaveBeenCalledOnce();
});

it('a no is a no', async () => {
  const { run, sheet } = await askForTicket();
  await sheet.getByRole('button', { name: 'No' }).click();
  await expect.element(page.getByText('Done: refused', { exact: true })).toBeVisible();
  expect(run).not.toHaveBeenCalled();
});

it('says when the policy stands against it, and offers nothing that cannot help', async () => {
  const { events } = put({ policy: new SottoError('policy-invalid', 'The policy is broken.') }, { mode: 'inline' });
  await expect.element(page.getByRole('alert')).toHaveTextContent('The policy is broken.');
  await expect.element(page.getByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
  expect(events).toContainEqual({
    name: 'error',
    detail: { code: 'policy-invalid', message: 'The policy is broken.' },
  });
});

it('says when the browser cannot run a model', async () => {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  put({}, { mode: 'inline' });
  await expect.element(page.getByRole('alert')).toHaveTextContent('This browser cannot run the model');
  validate.mockRestore();
});

it('is a dialog that holds the focus, gives it back, and fills 320 pixels without spilling', async () => {
  await page.viewport(320, 600);
  const before = document.createElement('button');
  before.textContent = 'Before';
  document.body.append(before);
  const { chat } = put({ isStored: true }, { title: 'Help desk' });
  before.focus();
  chat.toggle();
  const dialog = page.getByRole('dialog', { name: 'Help desk' });
  await expect.element(dialog).toBeVisible();
  await expect.poll(() => focused()?.tagName).toBe('TEXTAREA');
  const panel = dialog.element().getBoundingClientRect();
  expect([panel.left, panel.width, panel.height]).toEqual([0, 320, 600]);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(320);
  const reached = new Set<string>();
  for (let step = 0; step < 9; step++) {
    await userEvent.tab();
    reached.add(document.activeElement?.tagName ?? '');
  }
  expect([...reached], 'the page behind is not reached').toEqual(['SOTTO-CHAT']);
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog).not.toBeInTheDocument();
  expect(document.activeElement).toBe(before);
});

it.each([
  ['en', 'Open the assistant', 'Open the assistant: Help desk'],
  ['de', 'Assistenten öffnen', 'Assistenten öffnen: Help desk'],
  ['fr', 'Ouvrir l’assistant', 'Ouvrir l’assistant : Help desk'],
  ['es', 'Abrir el asistente', 'Abrir el asistente: Help desk'],
  ['ar', 'فتح المساعد', 'فتح المساعد: Help desk'],
  ['ja', 'アシスタントを開く', 'アシスタントを開く：Help desk'],
])('in %s the bubble is called by the title that the page gave, once it gave one', async (lang, usual, named) => {
  const { chat } = put({}, { lang });
  const launcher = (name: string) => expect.element(page.getByRole('button', { name, exact: true })).toBeVisible();
  await launcher(usual);
  chat.title = 'Help desk';
  await launcher(named);
  chat.title = ' ';
  await launcher(usual);
});

it('keeps two widgets of one page apart', async () => {
  put({ isStored: true, answer: 'One.' }, { mode: 'inline', title: 'One' });
  await expect.element(page.getByRole('region', { name: 'One' }).getByRole('textbox')).toBeEnabled();
  put({ isStored: true, answer: 'Two.' }, { mode: 'inline', title: 'Two' });
  const [one, two] = ['One', 'Two'].map((name) => page.getByRole('region', { name }).getByRole('textbox'));
  await expect.element(two!).toBeEnabled();
  await one!.fill('only here');
  await expect.element(two!).toHaveValue('');
});

it('starts one assistant where it is moved before any was there', async () => {
  let starts = 0;
  const script = {
    isStored: true,
    get policy() {
      starts += 1;
      return OPEN_POLICY;
    },
  };
  const { chat } = put(script, { mode: 'inline' });
  const place = document.createElement('div');
  document.body.append(place);
  place.append(chat);
  await expect.element(box()).toBeEnabled();
  expect(starts).toBe(1);
});

it('takes properties as frameworks set them, before and after its script is there', async () => {
  const early = document.createElement('sotto-early') as HTMLElement & Record<string, unknown>;
  Object.assign(early, { mode: 'panel', welcome: 'Hello.', open: true, embed: 'page' });
  document.body.append(early);
  customElements.define(
    'sotto-early',
    class extends SottoChat {
      constructor() {
        super(BASE);
      }
    },
  );
  expect(early.getAttributeNames().sort()).toEqual(['embed', 'mode', 'open', 'welcome']);
  const chat = early as unknown as SottoChat;
  expect([chat.mode, chat.welcome, chat.isOpen]).toEqual(['panel', 'Hello.', true]);
  chat.open = false;
  chat.welcome = null;
  expect(early.getAttributeNames().sort()).toEqual(['embed', 'mode']);
  chat.open();
  expect(chat.isOpen).toBe(true);
  chat.mode = 'inline';
  expect(early.getAttribute('mode')).toBe('inline');
});

it('is what its published types say', () => {
  // Compared where types are checked; here it is enough that the element is there.
  const published: SottoChatElement = document.createElement('sotto-chat');
  const own: SottoChat = published as SottoChat;
  const details = {} as { [Name in keyof SottoChatEvents]: SottoChatEventMap[Name]['detail'] };
  const same: SottoChatEvents = details;
  const back: typeof details = {} as SottoChatEvents;
  expect([own.isOpen, same, back]).toEqual([false, {}, {}]);
});
