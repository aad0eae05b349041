import type { ChatMessage, JsonObject, JsonValue, PromptPiece, TemplateRequest } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import { ControlTextShield } from './control-text-shield.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { parseTemplate } from './parse-template.ts';
import { markOutputs } from './python-output.ts';
import { rejected } from './rejected.ts';
import { createTemplateEnvironment } from './template-environment.ts';
import { MeteredInterpreter } from './template-interpreter.ts';

const ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant', 'tool'] satisfies ChatMessage['role'][]);

/** Names that a request gives a meaning of its own. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([
  'messages',
  'tools',
  'documents',
  'bos_token',
  'eos_token',
  'add_generation_prompt',
  'strftime_now',
  'raise_exception',
  'range',
]);

/**
 * Renders a conversation with the Jinja template of a model's file. Control tokens that people wrote come back as text
 * pieces, everything else as template pieces.
 *
 * The template is a program from a stranger. It sees copies of what it is given and nothing else, runs on a metered
 * interpreter, and whatever goes wrong is `template-rejected`. The caller still holds the clock, because one long
 * operation inside the library (a sort, a replace) is a single step to the meter.
 */
export function renderChatTemplate(request: TemplateRequest, now: () => Date = () => new Date()): PromptPiece[] {
  const { template, messages, tools, documents, variables = {}, specialTokens } = request;
  if (template.length > TEMPLATE_LIMITS.sourceLength) {
    throw rejected(`The chat template is longer than ${TEMPLATE_LIMITS.sourceLength} characters.`);
  }
  for (const { role } of messages) {
    if (!ROLES.has(role)) throw invalid(`"${role}" is not a role: ${[...ROLES].join(', ')} are.`);
  }
  for (const name of Object.keys(variables)) {
    if (OWN_VARIABLES.has(name)) throw invalid(`"${name}" cannot be set as a variable of the template.`);
  }
  const given: JsonObject = { tools: tools ?? null, documents: documents ?? null, ...variables };
  const written = JSON.stringify([given, messages]);
  const shield = new ControlTextShield(specialTokens, [template, written]);
  const render = (argumentsKind: ArgumentsKind) => {
    const all = { ...given, messages: messages.map((message) => asTemplateMessage(message, argumentsKind)) };
    const environment = createTemplateEnvironment(now);
    for (const [name, value] of Object.entries(all)) environment.set(name, shield.hideIn(value));
    environment.set('bos_token', request.bosToken);
    environment.set('eos_token', request.eosToken);
    environment.set('add_generation_prompt', request.addGenerationPrompt);
    const interpreter = new MeteredInterpreter(environment, {
      steps:
        TEMPLATE_LIMITS.steps + TEMPLATE_LIMITS.stepsPerMessage * messages.length + Math.floor(written.length / 10),
      textLength: TEMPLATE_LIMITS.textLength + written.length,
    });
    return run(interpreter, template);
  };
  try {
    return shield.reveal(render('object'));
  } catch (error) {
    if (!messages.some(({ fields }) => fields?.['tool_calls'] !== undefined)) throw error;
    return shield.reveal(render('text'));
  }
}

/** How a template reads the arguments of a call: most take an object apart, some join JSON text to other text. */
type ArgumentsKind = 'object' | 'text';

/** A message as templates read it: role, content and what else the request gave. */
function asTemplateMessage({ role, content, fields = {} }: ChatMessage, argumentsKind: ArgumentsKind): JsonObject {
  const calls = fields['tool_calls'];
  const more = Array.isArray(calls)
    ? { ...fields, tool_calls: calls.map((call) => withArguments(call, argumentsKind)) }
    : fields;
  return { role, content, ...more };
}

/** The API writes a call's arguments as JSON text; templates want the object, or the text. */
function withArguments(call: JsonValue, kind: ArgumentsKind): JsonValue {
  const called = isObject(call) ? call['function'] : undefined;
  if (!isObject(call) || called === undefined || !isObject(called)) return call;
  const given = called['arguments'];
  if (kind === 'object' && typeof given === 'string') {
    return { ...call, function: { ...called, arguments: parsed(given) } };
  }
  if (kind === 'text' && given !== undefined && typeof given !== 'string') {
    return { ...call, function: { ...called, arguments: JSON.stringify(given) } };
  }
  return call;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function invalid(message: string): SottoError {
  return new SottoError('invalid-option', message);
}

function run(interpreter: MeteredInterpreter, template: string): string {
  try {
    const program = parseTemplate(template);
    markOutputs(program);
    return String(interpreter.run(program).value);
  } catch (error) {
    if (SottoError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw rejected(`The chat template of this model failed: ${reason}`, error);
  }
}
