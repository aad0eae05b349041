import { render } from 'preact';
import { applyDisplayChoice, permitLanguages } from '../app/i18n/index.ts';
import { Sotto } from '../client/index.ts';
import { CLOSED_POLICY } from '../policy/index.ts';
import { createView, ExpertsPage } from './experts-page.tsx';
import { createDataState } from './state/data-state.ts';
import { createDistilState } from './state/distil-state.ts';
import { keepDraft } from './state/draft.ts';
import { createKeptState } from './state/kept-state.ts';
import { createLabelState } from './state/label-state.ts';
import { createTrainingState } from './state/training-state.ts';
import { createTryState } from './state/try-state.ts';
import { TEXT } from './text.ts';
import './styles.css';

const root = document.getElementById('app');
if (root === null) throw new Error('experts.html has no #app');
applyDisplayChoice();
document.title = TEXT.documentTitle;
const sotto = await Sotto.create({ servesLocalApi: false });
const policy = await sotto.policy().catch(() => CLOSED_POLICY);
if (permitLanguages(policy.languages)) location.reload();
const data = createDataState(sotto);
const training = createTrainingState(sotto, data);
const label = createLabelState(data, training);
const distil = createDistilState(sotto, data, training);
const kept = createKeptState(sotto, data, training);
const trying = createTryState(sotto, training, () => data.sorted.value.learned);
const draft = await keepDraft([...data.parts, ...training.parts]);
void kept.load();
const view = createView();
addEventListener('keydown', (event) => {
  if (view.value === 'label') label.onKey(event);
});
render(
  <ExpertsPage {...{ view, data, training, trying, label, distil, kept, draft, features: policy.features }} />,
  root,
);
