import { mountInPage as mount } from '../in-page/index.ts';
import { scriptedEngine } from './scripted-engine.ts';

/**
 * What a test serves in place of /widget-in-page.js; the script of the next assistant lies in `globalThis.nextScript`.
 * @param {HTMLElement} host
 * @param {MessagePort} port
 */
export function mountInPage(host, port) {
  return mount(host, port, async () => scriptedEngine(globalThis.nextScript ?? {}));
}
