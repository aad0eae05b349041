/**
 * Chat templates by name, for files that carry none (source of the formats: llama-chat.cpp of llama.cpp; the `mistral`
 * here is its mistral-v3). Begin tokens are the tokenizer's business.
 */
export const BUILT_IN_TEMPLATES = {
  chatml: turns("'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n'", '<|im_start|>assistant\\n'),
  llama2:
    "{% set ns = namespace(inside=false) %}{% for m in messages %}{% if not ns.inside and m.role != 'assistant' %}" +
    "{% set ns.inside = true %}{{ '[INST] ' }}{% endif %}{% if m.role == 'system' %}" +
    "{{ '<<SYS>>\\n' + m.content + '\\n<</SYS>>\\n\\n' }}{% elif m.role == 'user' %}{{ m.content + ' [/INST]' }}" +
    '{% else %}{{ m.content + eos_token }}{% set ns.inside = false %}{% endif %}{% endfor %}',
  llama3: turns(
    "'<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' + m.content | trim + '<|eot_id|>'",
    '<|start_header_id|>assistant<|end_header_id|>\\n\\n',
  ),
  gemma:
    "{% set ns = namespace(system='') %}{% for m in messages %}{% if m.role == 'system' %}" +
    "{% set ns.system = ns.system + m.content | trim %}{% else %}{% set role = 'model' if m.role == 'assistant' else m.role %}" +
    "{{ '<start_of_turn>' + role + '\\n' }}{% if ns.system and role != 'model' %}{{ ns.system + '\\n\\n' }}" +
    "{% set ns.system = '' %}{% endif %}{{ m.content | trim + '<end_of_turn>\\n' }}{% endif %}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}",
  phi3: turns("'<|' + m.role + '|>\\n' + m.content + '<|end|>\\n'", '<|assistant|>\\n'),
  phi4: turns("'<|im_start|>' + m.role + '<|im_sep|>' + m.content + '<|im_end|>'", '<|im_start|>assistant<|im_sep|>'),
  zephyr: turns("'<|' + m.role + '|>\\n' + m.content + '<|endoftext|>\\n'", '<|assistant|>\\n'),
  mistral:
    "{% set ns = namespace(inside=false) %}{% for m in messages %}{% if not ns.inside and m.role != 'assistant' %}" +
    "{% set ns.inside = true %}{{ '[INST] ' }}{% endif %}{% if m.role == 'system' %}{{ m.content + '\\n\\n' }}" +
    "{% elif m.role == 'user' %}{{ m.content + '[/INST]' }}{% else %}{{ ' ' + m.content | trim + eos_token }}" +
    '{% set ns.inside = false %}{% endif %}{% endfor %}',
  granite: turns(
    "'<|start_of_role|>' + m.role + '<|end_of_role|>' + m.content + '<|end_of_text|>\\n'",
    '<|start_of_role|>assistant<|end_of_role|>',
  ),
  'command-r':
    "{% set names = {'system': '<|SYSTEM_TOKEN|>', 'user': '<|USER_TOKEN|>', 'assistant': '<|CHATBOT_TOKEN|>'} %}" +
    turns(
      "'<|START_OF_TURN_TOKEN|>' + names[m.role] + m.content | trim + '<|END_OF_TURN_TOKEN|>'",
      '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>',
    ),
  vicuna:
    "{% for m in messages %}{% if m.role == 'system' %}{{ m.content + '\\n\\n' }}{% elif m.role == 'user' %}" +
    "{{ 'USER: ' + m.content + '\\n' }}{% else %}{{ 'ASSISTANT: ' + m.content + '</s>\\n' }}{% endif %}{% endfor %}" +
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}",
} as const satisfies Record<string, string>;

export type BuiltInTemplate = keyof typeof BUILT_IN_TEMPLATES;

function turns(turn: string, opening: string): string {
  return `{% for m in messages %}{{ ${turn} }}{% endfor %}{% if add_generation_prompt %}{{ '${opening}' }}{% endif %}`;
}

export function isBuiltInTemplate(name: string): name is BuiltInTemplate {
  return Object.hasOwn(BUILT_IN_TEMPLATES, name);
}

/** Tokens that only models of one format have. The first that is in the vocabulary decides. */
const BY_TOKEN: readonly (readonly [token: string, name: BuiltInTemplate])[] = [
  ['<|im_sep|>', 'phi4'],
  ['<|im_start|>', 'chatml'],
  ['<|start_header_id|>', 'llama3'],
  ['<start_of_turn>', 'gemma'],
  ['<|start_of_role|>', 'granite'],
  ['<|START_OF_TURN_TOKEN|>', 'command-r'],
  ['[INST]', 'mistral'],
];

/** Names under which models of a format are published; they tell where the tokens do not. */
const BY_NAME: readonly (readonly [name: RegExp, template: BuiltInTemplate])[] = [
  [/llama-?2.*chat/iu, 'llama2'],
  [/tinyllama.*chat|zephyr/iu, 'zephyr'],
  [/phi-?3/iu, 'phi3'],
  [/mistral.*instruct/iu, 'mistral'],
  [/vicuna/iu, 'vicuna'],
];

/**
 * The format that a model without a template of its own was trained on, or undefined where nothing tells: guessing makes
 * answers quietly worse.
 */
export function chooseBuiltInTemplate(tokens: ReadonlySet<string>, modelName: string): BuiltInTemplate | undefined {
  const byToken = BY_TOKEN.find(([token]) => tokens.has(token))?.[1];
  return byToken ?? BY_NAME.find(([name]) => name.test(modelName))?.[1];
}
