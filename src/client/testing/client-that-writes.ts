import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  GrammarSource,
  TemplateRequest,
} from '../../protocol/index.ts';
import { settle } from '../../protocol/index.ts';
import { compileGrammar } from '../../runtime/generation/grammar/compile/index.ts';
import { renderChatTemplate } from '../../runtime/text/chat-template/index.ts';
import { Background } from '../background.ts';
import { ChatCompletions } from '../chat-completions.ts';
import { CompletionRunner } from '../completion-runner.ts';
import type { Models } from '../models.ts';
import { NEUTRAL_DEFAULTS } from '../sampling-parameters.ts';
import type { Workers } from '../workers.ts';
import { fakeWorker, ok } from './fake-worker.ts';

export const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/**
 * A client whose model writes these texts one after the other, the last one again and again, three characters at a time. Before
 * character `at` of `shifts` it forgets so many tokens.
 */
export function clientThatWrites(
  answers: string | readonly string[],
  {
    template = CHATML,
    finishReason = 'stop',
    contextLength = 4_096,
    shifts = {} as Readonly<Record<number, number>>,
  } = {},
) {
  const requests: GenerateRequest[] = [];
  const sources: GrammarSource[] = [];
  const inference = {
    generate: async (request: GenerateRequest, onEvent: (event: GenerateEvent) => void) => {
      const texts = typeof answers === 'string' ? [answers] : answers;
      const text = texts[Math.min(requests.length, texts.length - 1)] ?? '';
      requests.push(request);
      for (let at = 0; at < text.length; at += 3) {
        const droppedTokens = shifts[at];
        if (droppedTokens !== undefined) onEvent({ type: 'context-shifted', droppedTokens });
        onEvent({ type: 'text-delta', text: text.slice(at, at + 3), tokens: 1 });
      }
      const droppedTokens = Object.values(shifts).reduce((sum, tokens) => sum + tokens, 0);
      return ok({
        text,
        tokenIds: [],
        promptTokenIds: [],
        finishReason,
        timings: {},
        ...(droppedTokens === 0 ? {} : { droppedTokens }),
      } as unknown as GenerateResult);
    },
    countTokens: async (pieces: readonly { readonly text: string }[]) =>
      ok(pieces.reduce((sum, { text }) => sum + text.split(/\s+/u).length, 0)),
    abort: () => {},
  };
  const sandbox = {
    hello: async () => ok({ protocolVersion: 1 }),
    renderTemplate: async (request: TemplateRequest) => ok(renderChatTemplate(request)),
    compileGrammar: (source: GrammarSource) => {
      sources.push(source);
      return settle(() => compileGrammar(source));
    },
  };
  const model = {
    id: 'm',
    name: 'm',
    chatTemplate: template,
    namedChatTemplates: {},
    bosToken: '',
    eosToken: '<|im_end|>',
    specialTokens: ['<|im_start|>'],
    contextLength,
  };
  const permit = async () => null;
  const workers = {
    inference: fakeWorker(inference),
    sandbox: fakeWorker(sandbox),
    background: new Background(),
    permit,
  } as unknown as Workers;
  const models = { ready: async () => ({ model, defaults: NEUTRAL_DEFAULTS }) } as unknown as Models;
  return {
    chat: new ChatCompletions(new CompletionRunner(workers, models), () => {
      throw new RangeError('This client has no flows.');
    }),
    requests,
    sources,
  };
}
