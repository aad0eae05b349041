import { render } from 'preact';
import { applyDisplayChoice } from '../app/i18n/index.ts';
import { createBench } from '../client/bench/index.ts';
import { type Automation, createAutomation } from './automation.ts';
import { BenchPage } from './bench-page.tsx';
import { createBenchState } from './bench-state.ts';
import { loadPeers } from './peers.ts';
import { TEXT } from './text.ts';
import './styles.css';

declare global {
  /** For scripts; see `automation.ts`. */
  var sottoBench: Automation | undefined;
}

const root = document.getElementById('app');
if (root === null) throw new Error('bench.html has no #app');
// It says what to do where this script cannot run.
document.getElementById('not-started')?.remove();
applyDisplayChoice();
document.title = TEXT.documentTitle;
const state = createBenchState(createBench(), await loadPeers());
globalThis.sottoBench = createAutomation(state);
render(<BenchPage state={state} />, root);
