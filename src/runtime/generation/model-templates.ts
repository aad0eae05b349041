import type { GgufFile } from '../../formats/gguf/index.ts';
import type { LoadedModel } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { BUILT_IN_TEMPLATES, chooseBuiltInTemplate, isBuiltInTemplate } from '../text/index.ts';

type Templates = Pick<LoadedModel, 'chatTemplate' | 'chatTemplateSource' | 'namedChatTemplates'>;

const KEY = 'tokenizer.chat_template';

/** Names of built-in templates, for messages. */
export const TEMPLATE_NAMES: readonly string[] = Object.keys(BUILT_IN_TEMPLATES);

/** Refuses a template option that is neither a program nor a known name. */
export function checkTemplateOption(template: unknown): void {
  if (template === undefined) return;
  const isProgram = typeof template === 'string' && /\{[{%]/u.test(template);
  if (isProgram || (typeof template === 'string' && isBuiltInTemplate(template))) return;
  const message = `"chatTemplate" must be a Jinja template or one of ${TEMPLATE_NAMES.join(', ')}.`;
  throw new SottoError('invalid-option', message, { details: { option: 'chatTemplate' } });
}

/** The chat template of a model: the caller's, else the file's own, else the built-in one of its format, else none. */
export function templatesOf(
  { metadata }: Pick<GgufFile, 'metadata'>,
  controlTokens: readonly string[],
  modelName: string,
  wanted: string | undefined,
): Templates {
  const named: Record<string, string> = {};
  for (const [key, value] of metadata) {
    if (key.startsWith(`${KEY}.`) && typeof value === 'string') named[key.slice(KEY.length + 1)] = value;
  }
  // Files with several may name the usual one, too.
  const own = metadata.get(KEY) ?? named['default'];
  if (wanted !== undefined) {
    const chatTemplate = isBuiltInTemplate(wanted) ? BUILT_IN_TEMPLATES[wanted] : wanted;
    return { chatTemplate, chatTemplateSource: 'option', namedChatTemplates: {} };
  }
  if (typeof own === 'string' && own !== '') {
    // Some files name a well-known format instead of carrying it.
    const chatTemplate = isBuiltInTemplate(own) ? BUILT_IN_TEMPLATES[own] : own;
    return { chatTemplate, chatTemplateSource: 'file', namedChatTemplates: named };
  }
  const chosen = chooseBuiltInTemplate(new Set(controlTokens), modelName);
  return {
    chatTemplate: chosen === undefined ? null : BUILT_IN_TEMPLATES[chosen],
    chatTemplateSource: chosen === undefined ? 'none' : 'built-in',
    namedChatTemplates: named,
  };
}
