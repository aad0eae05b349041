import { render } from 'preact';
import { Sotto } from '../client/index.ts';
import { AppProvider } from './app-context.ts';
import { Page } from './components/index.ts';
import { createApp } from './create-app.ts';
import { applyDisplayChoice } from './i18n/index.ts';
import { openStorage } from './storage.ts';
import { TEXT } from './text.ts';
import './styles/index.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');

applyDisplayChoice();
document.title = TEXT.documentTitle;
const [sotto, storage] = await Promise.all([Sotto.create(), openStorage()]);
const app = createApp(sotto, storage);
render(
  <AppProvider value={app}>
    <Page />
  </AppProvider>,
  root,
);
