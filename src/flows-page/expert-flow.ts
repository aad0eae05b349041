import { sayError } from '../app/i18n/index.ts';
import type { FlowDocument } from '../client/index.ts';
import type { EditState } from './edit-state.ts';
import { type FlowState, toField } from './flow-state.ts';
import { TEXT } from './text.ts';

/** The shortest flow that asks an expert, to begin with. */
function flowOf(id: string, name: string, isForNames: boolean): FlowDocument {
  return {
    flowVersion: 1,
    id: `ask-${id}`,
    version: '1.0.0',
    name,
    description: '',
    input: { type: 'text' },
    nodes: [{ id: 'expert', uses: isForNames ? 'expert.entities' : 'expert.classify', with: { expert: id } }],
    edges: [{ from: 'input', to: 'expert', as: 'text' }],
    output: ['expert'],
  };
}

/** "flows.html?expert=shop": a flow that asks this expert stands ready, to be run and to be built on. */
export async function openExpertFlow(flows: FlowState, edit: EditState): Promise<void> {
  const id = new URLSearchParams(location.search).get('expert');
  if (id === null) return;
  const [shown, draft] = [flows.flow.value, edit.draft.value];
  try {
    const { name, task } = await flows.sotto.experts.get(id);
    const document = flowOf(id, name, task === 'entities');
    // Another flow that was chosen meanwhile stays, and so does what was typed: only the sample that stood there gives way.
    if (flows.flow.value === shown && flows.coming.value === null) {
      const { sample } = flows.flows.value.find((one) => one.id === shown?.id) ?? {};
      flows.open(document, flows.input.value === toField(sample) ? '' : undefined);
    }
    if (edit.draft.value === draft) edit.open(document);
  } catch (error) {
    flows.message.value = await sayError(error, TEXT.stopped);
  }
}
