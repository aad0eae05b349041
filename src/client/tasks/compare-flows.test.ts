import { describe, expect, it } from 'vitest';
import type { FlowResult } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { compareFlows } from './compare-flows.ts';
import { FlowBuilder } from './flow-builder.ts';

const result = (output: unknown, ms: number, tokens: number): FlowResult => ({
  status: 'done',
  isEscalated: false,
  output,
  reply: '',
  trace: { flow: 'x', version: '1', seed: 1, steps: [], ms, tokens },
});

describe('two flows on a test set', () => {
  it('are compared by what they get right, their time and their tokens; one takes the first turn as often as the other', async () => {
    const order: string[] = [];
    const run = async (flow: unknown, input: unknown) => {
      order.push(String(flow));
      if (flow === 'b' && input === 'three') throw new SottoError('flow-failed', 'It broke.');
      return flow === 'a' ? result({ label: ' YES ', list: [1] }, 10, 0) : result({ label: 'no', list: [1] }, 30, 7);
    };
    const cases = [
      { input: 'one', expect: { label: 'yes' } },
      { input: 'two', expect: { label: ['no', 'maybe'], list: [1] } },
      { input: 'three', expect: { 'deep.er': '' } },
    ];
    const { scores, cases: compared } = await compareFlows(['a', 'b'], cases, run, () => {});
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
    expect(scores).toMatchObject([
      { accuracy: 2 / 3, meanMs: 10, tokens: 0, failures: 0 },
      { accuracy: 1 / 3, meanMs: 30, tokens: 14, failures: 1 },
    ]);
    expect(compared[0]?.outcomes).toMatchObject([{ isRight: true }, { isRight: false, got: { label: 'no' } }]);
    await expect(compareFlows(['a'], [], run, () => {})).rejects.toMatchObject({ code: 'task-input' });
  });
});

it('a flow is written step by step, and the compiler knows its names', () => {
  const builder = new FlowBuilder({ id: 'mood', budget: { tokens: 5 } })
    .node('language', 'task.language')
    .node('mood', 'expert.classify', { with: { expert: 'sentiment' }, retries: 1 })
    .edge('input', 'language', { as: 'text' })
    .edge('input', 'mood', { as: 'text' })
    .edge('language', 'mood', { when: { path: 'language', equals: 'en' } });
  // @ts-expect-error there is no such node
  builder.edge('input', 'ghost', { as: 'text' });
  // @ts-expect-error a classifier takes no such argument
  builder.edge('input', 'mood', { as: 'question' });
  // @ts-expect-error there is no such operation
  builder.node('x', 'task.guess');
  // @ts-expect-error it has no such setting
  builder.node('x', 'expert.classify', { with: { temperature: 1 } });
  expect(builder.build('mood')).toMatchObject({
    flowVersion: 1,
    id: 'mood',
    input: { type: 'text' },
    budget: { tokens: 5 },
    nodes: [{ id: 'language' }, { id: 'mood', retries: 1 }],
    output: ['mood'],
  });
});
