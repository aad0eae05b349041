import { SottoChat } from './sotto-chat.ts';

/** Where the widget's page lies: beside this script, on Sotto's own origin. */
const BASE = new URL(/* @vite-ignore */ '.', import.meta.url);

/**
 * Registers the element once. A page may hold the script twice, or two versions of it: the first one serves all elements,
 * because a name can be given once and elements cannot change theirs.
 */
if (!customElements.get('sotto-chat')) {
  customElements.define(
    'sotto-chat',
    class extends SottoChat {
      constructor() {
        super(BASE);
      }
    },
  );
}
