import { render } from 'preact';
import { Sotto } from '../client/index.ts';
import { AppProvider } from './app-context.ts';
import { Page } from './components/index.ts';
import { createApp } from './create-app.ts';
import { applyDisplayChoice } from './i18n/index.ts';
import { loadMarkdown } from './render/index.ts';
import { readSitePolicy } from './site-policy.ts';
import { openStorage } from './storage.ts';
import { TEXT } from './text.ts';
import { followVisibleArea } from './visible-area.ts';
import './styles/index.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');

applyDisplayChoice();
document.title = TEXT.documentTitle;
followVisibleArea(globalThis.visualViewport, document.documentElement);
const starting = Sotto.create();
const [sotto, storage, policy] = await Promise.all([starting, openStorage(), starting.then(readSitePolicy)]);
if (policy !== null) {
  const app = createApp(sotto, storage, policy);
  render(
    <AppProvider value={app}>
      <Page />
    </AppProvider>,
    root,
  );
  void loadMarkdown();
}
