import { connectHost } from './host-bridge.ts';
import { mountAssistant } from './mount.tsx';
import './frame.css';

const root = document.getElementById('widget');
if (root === null) throw new Error('widget.html has no #widget');

await mountAssistant({
  root,
  page: document.documentElement,
  isAlone: window.parent === window,
  connect: (onMessage) => connectHost(window, onMessage),
});
