import { sayError } from '../app/i18n/index.ts';
import type { FlowDocument } from '../client/index.ts';
import type { EditState } from './edit-state.ts';
import type { FlowState } from './flow-state.ts';
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
  try {
    const { name, task } = await flows.sotto.experts.get(id);
    const document = flowOf(id, name, task === 'entities');
    flows.open(document, '');
    edit.open(document);
  } catch (error) {
    flows.message.value = await sayError(error, TEXT.stopped);
  }
}
