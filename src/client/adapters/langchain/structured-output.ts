import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import type { AIMessageChunk } from '@langchain/core/messages';
import { OutputParserException } from '@langchain/core/output_parsers';
import { type Runnable, RunnableLambda, RunnablePassthrough, RunnableSequence } from '@langchain/core/runnables';
import { toJsonSchema } from '@langchain/core/utils/json_schema';
import { type InteropZodType, interopParseAsync, isInteropZodSchema } from '@langchain/core/utils/types';

/** A schema of any library that follows the Standard Schema. */
interface StandardSchema {
  readonly '~standard': { readonly validate: (value: unknown) => unknown };
}

/** What an answer must look like: a schema of Zod or another library, or a JSON Schema. */
export type OutputSchema = InteropZodType | StandardSchema | Readonly<Record<string, unknown>>;

/** The schema as JSON Schema, and the name it brings along. */
export function describeSchema(schema: OutputSchema, name: string | undefined) {
  if (isInteropZodSchema(schema) || isStandard(schema)) {
    const json = toJsonSchema(schema as InteropZodType) as Readonly<Record<string, unknown>>;
    return { name: name ?? 'response', schema: json };
  }
  const own = schema as Readonly<Record<string, unknown>>;
  const title = typeof own['title'] === 'string' ? own['title'].replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) : '';
  return { name: name ?? (title === '' ? 'response' : title), schema: own };
}

/** An answer → the value it holds. Rejects with LangChain's own OutputParserException where it was cut. */
export function valueParser(schema: OutputSchema, find: (message: AIMessageChunk) => unknown) {
  return RunnableLambda.from(async (message: AIMessageChunk) => {
    const value = find(message);
    if (isInteropZodSchema(schema)) return interopParseAsync(schema, value);
    if (!isStandard(schema)) return value;
    const result = (await schema['~standard'].validate(value)) as {
      readonly value?: unknown;
      readonly issues?: unknown;
    };
    if (result.issues === undefined) return result.value;
    throw new OutputParserException('The answer does not satisfy the schema.', JSON.stringify(value));
  });
}

function isStandard(schema: OutputSchema): schema is StandardSchema {
  return '~standard' in schema;
}

/** The value of an answer whose text is JSON. */
export function textValue(message: AIMessageChunk): unknown {
  const text = typeof message.content === 'string' ? message.content : '';
  try {
    return JSON.parse(text);
  } catch {
    throw new OutputParserException('The answer was cut before its end: allow it more tokens.', text);
  }
}

/** The arguments of the call that carries the answer. */
export function callValue(name: string) {
  return (message: AIMessageChunk): unknown => {
    const call = message.tool_calls?.find((one) => one.name === name);
    if (call !== undefined) return call.args;
    throw new OutputParserException(`The answer holds no call of "${name}": allow it more tokens.`);
  };
}

/** A model and its parser, one behind the other; with `includeRaw` the message comes along, and what was wrong with it. */
export function pipeline(
  model: Runnable<BaseLanguageModelInput, AIMessageChunk>,
  parser: ReturnType<typeof valueParser>,
  includeRaw: boolean | undefined,
) {
  if (includeRaw !== true) return RunnableSequence.from([model, parser]);
  const parsed = (input: { readonly raw: AIMessageChunk }) => parser.invoke(input.raw).catch(() => null);
  return RunnableSequence.from([{ raw: model }, RunnablePassthrough.assign({ parsed })]);
}
