/** How a family of models writes calls of tools. */
export interface ToolFormat {
  readonly name: 'hermes' | 'llama' | 'mistral' | 'mistral-named' | 'granite' | 'phi' | 'lfm2';
  /** What announces calls; empty where the answer simply is one. */
  readonly marker: string;
  /** Between the marker and what is called. */
  readonly open: string;
  /** What ends it. */
  readonly close: string;
  /**
   * `objects`: each call by itself, behind a marker of its own. `list`: one JSON list of calls. `named`: the name, then the
   * arguments. `python`: as in a program.
   */
  readonly shape: 'objects' | 'list' | 'named' | 'python';
  /** Between calls that are written by themselves. */
  readonly between: string;
  /** How the object of a call names its arguments. */
  readonly argumentsKey: 'arguments' | 'parameters';
  /** Control tokens that are part of this format. */
  readonly visibleTokens: readonly string[];
}

/** Hermes, Qwen, SmolLM3, Granite 4; and what Sotto teaches models whose template knows no tools. */
export const HERMES: ToolFormat = {
  name: 'hermes',
  marker: '<tool_call>',
  open: '\n',
  close: '\n</tool_call>',
  shape: 'objects',
  between: '\n',
  argumentsKey: 'arguments',
  visibleTokens: ['<tool_call>', '</tool_call>'],
};

const LLAMA: ToolFormat = {
  name: 'llama',
  marker: '',
  open: '',
  close: '',
  shape: 'objects',
  between: '; ',
  argumentsKey: 'parameters',
  visibleTokens: ['<|python_tag|>'],
};

const MISTRAL: ToolFormat = {
  name: 'mistral',
  marker: '[TOOL_CALLS]',
  open: '',
  close: '',
  shape: 'list',
  between: '',
  argumentsKey: 'arguments',
  visibleTokens: ['[TOOL_CALLS]'],
};

const MISTRAL_NAMED: ToolFormat = {
  ...MISTRAL,
  name: 'mistral-named',
  shape: 'named',
  visibleTokens: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
};

const GRANITE: ToolFormat = { ...MISTRAL, name: 'granite', marker: '<|tool_call|>', visibleTokens: ['<|tool_call|>'] };

const PHI: ToolFormat = {
  ...MISTRAL,
  name: 'phi',
  marker: '<|tool_call|>',
  close: '<|/tool_call|>',
  visibleTokens: ['<|tool_call|>', '<|/tool_call|>'],
};

const LFM2: ToolFormat = {
  ...MISTRAL,
  name: 'lfm2',
  marker: '<|tool_call_start|>',
  close: '<|tool_call_end|>',
  shape: 'python',
  visibleTokens: ['<|tool_call_start|>', '<|tool_call_end|>'],
};

/** Whether a template reads the tools it is given. Others are taught by a system prompt (`teachTools`). */
export function knowsTools(template: string | null): boolean {
  return template !== null && /\btools\b/.test(template);
}

/** The format of a model, told by what its template writes. */
export function toolFormatOf(template: string | null): ToolFormat {
  if (template === null || !knowsTools(template)) return HERMES;
  const has = (text: string) => template.includes(text);
  if (has('<|tool_call_start|>') || has('<|tool_list_start|>')) return LFM2;
  if (has('[TOOL_CALLS]')) return has('[ARGS]') ? MISTRAL_NAMED : MISTRAL;
  if (has('<tool_call>')) return HERMES;
  if (has('<|/tool_call|>') || has('<|/tool|>')) return PHI;
  if (has('<|tool_call|>') || has('<|start_of_role|>')) return GRANITE;
  if (has('<|python_tag|>') || has('ipython') || has('"parameters"')) return LLAMA;
  return HERMES;
}
