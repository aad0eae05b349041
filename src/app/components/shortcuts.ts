import { useLayoutEffect } from 'preact/hooks';
import { type App, useApp } from '../app-context.ts';
import { MESSAGE_BOX_ID } from './composer.tsx';

const IS_APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

/** The key of this system's shortcuts, as it is shown. */
export const MODIFIER = IS_APPLE ? '⌘' : 'Ctrl';

/** A new chat, with the cursor where its first words go. */
export function startNew({ chat, permitted }: App, isTemporary: boolean): void {
  if (isTemporary && !permitted('temporaryChat')) return;
  chat.startNew({ isTemporary });
  document.getElementById(MESSAGE_BOX_ID)?.focus();
}

/** Keys that work anywhere on the page, unless they are switched off. The palette lists them. */
export function useShortcuts(): void {
  const app = useApp();
  // As soon as the page is drawn: an effect would come after the next picture, and keys before it would do nothing.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const hasModifier = IS_APPLE ? event.metaKey : event.ctrlKey;
      const { panel, settings, isShut } = app;
      if (!hasModifier || event.altKey || !settings.settings.value.hasShortcuts || isShut.value) return;
      const action = actionOf(app, event);
      if (action === null) return;
      event.preventDefault();
      // A panel that lies over the page gives way: two modal dialogs would fight for the focus.
      panel.value = null;
      action();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [app]);
}

function actionOf(app: App, { key, shiftKey }: KeyboardEvent): (() => void) | null {
  const name = key.toLowerCase();
  if (name === 'k' && !shiftKey) return () => queueMicrotask(() => (app.panel.value = 'commands'));
  if (name === ',' && !shiftKey) return () => queueMicrotask(() => (app.panel.value = 'settings'));
  if (name === 'o' && shiftKey) return () => startNew(app, false);
  if (name === 'i' && shiftKey) return () => startNew(app, true);
  return null;
}
