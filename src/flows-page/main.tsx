import { render } from 'preact';
import { Sotto } from '../client/index.ts';
import { FlowPage } from './flow-page.tsx';
import { createFlowState } from './flow-state.ts';
import './styles.css';

const root = document.getElementById('app');
if (root === null) throw new Error('flows.html has no #app');

const state = createFlowState(await Sotto.create({ servesLocalApi: false }));
void state.start();
render(<FlowPage state={state} />, root);
