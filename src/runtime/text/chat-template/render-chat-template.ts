import { parse, tokenize } from '@huggingface/jinja';
import type { ChatMessage, PromptPiece, TemplateRequest } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import { ControlTextShield } from './control-text-shield.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { createTemplateEnvironment, MeteredInterpreter, rejected } from './template-interpreter.ts';

const ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant'] satisfies ChatMessage['role'][]);

/**
 * Renders a conversation with the Jinja template of a model's file. Control tokens that people wrote come back as text
 * pieces, everything else as template pieces.
 *
 * The template is a program from a stranger. It sees copies of the messages and nothing else, runs on a metered
 * interpreter, and whatever goes wrong is `template-rejected`. The caller still holds the clock, because one long
 * operation inside the library (a sort, a replace) is a single step to the meter. There is no built-in template for
 * files without one: guessing a format makes answers quietly worse.
 */
export function renderChatTemplate(request: TemplateRequest, now: () => Date = () => new Date()): PromptPiece[] {
  const { template, messages, bosToken, eosToken, specialTokens, addGenerationPrompt } = request;
  if (template.length > TEMPLATE_LIMITS.sourceLength) {
    throw rejected(`The chat template is longer than ${TEMPLATE_LIMITS.sourceLength} characters.`);
  }
  for (const { role } of messages) {
    if (!ROLES.has(role))
      throw new SottoError('invalid-option', `"${role}" is not a role: system, user, assistant are.`);
  }
  const contents = messages.map(({ content }) => content);
  const shield = new ControlTextShield(specialTokens, [template, ...contents]);
  const contentLength = contents.reduce((length, content) => length + content.length, 0);

  const environment = createTemplateEnvironment(now);
  environment.set(
    'messages',
    messages.map(({ role, content }) => ({ role, content: shield.hide(content) })),
  );
  environment.set('bos_token', bosToken);
  environment.set('eos_token', eosToken);
  environment.set('add_generation_prompt', addGenerationPrompt);
  const interpreter = new MeteredInterpreter(environment, {
    steps: TEMPLATE_LIMITS.steps + TEMPLATE_LIMITS.stepsPerMessage * messages.length + Math.floor(contentLength / 10),
    textLength: TEMPLATE_LIMITS.textLength + contentLength,
  });
  return shield.reveal(run(interpreter, template));
}

function run(interpreter: MeteredInterpreter, template: string): string {
  try {
    // The whitespace rules every model's template is written for (source: the chat template docs of transformers).
    const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
    return String(interpreter.run(program).value);
  } catch (error) {
    if (SottoError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw rejected(`The chat template of this model failed: ${reason}`, error);
  }
}
