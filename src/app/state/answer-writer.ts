import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatCompletionRequest } from '../../client/index.ts';
import type { Schedule } from '../../shared/index.ts';
import type { Chat, ChatParameters, Message } from '../../storage/chats/index.ts';
import type { Engine } from '../engine.ts';
import { endOf, streamAnswer } from './answer-stream.ts';
import { newMessage } from './chat-library.ts';
import { cleanTitle, TITLE_REQUEST } from './chat-title.ts';
import { spokenOf, toPrompt } from './chat-tree.ts';
import { promptFrom } from './grounded-prompt.ts';
import { type ChatEvent, type OpenChat, shownBranch } from './open-chat.ts';

/** What a document search adds to a question. */
export interface Grounding {
  /** What the model reads in place of the question. */
  readonly prompt: string;
  readonly citations: Message['citations'];
  /** An answer that needs no model, such as that nothing fits; else null. */
  readonly answer: string | null;
}

export interface AnswerWriterOptions {
  readonly engine: Engine;
  /** The model that is loaded, or null. */
  readonly model: () => WritingModel | null;
  readonly schedule: Schedule;
  /** Looks in the chat's documents; absent or null: the model answers from what it knows. `before`: the last answer's sources. */
  readonly ground?: (
    question: string,
    chat: Chat,
    signal: AbortSignal,
    before: Message['citations'],
  ) => Promise<Grounding | null>;
  /** What a chat without a system prompt or parameters of its own begins with. */
  readonly defaults?: () => { readonly systemPrompt: string | null; readonly parameters: ChatParameters };
  /** Makes sure that an adapter of this id is read beside the model, before an answer asks for it. */
  readonly useAdapter?: (id: string, signal: AbortSignal) => Promise<void>;
  /** Whether the model names chats; else their first question does. */
  readonly namesChats?: () => boolean;
}

interface WritingModel {
  readonly id: string;
  readonly name: string;
  readonly parameters: number;
  /** By default it takes the likeliest token each time, and answers the same when it is asked again. */
  readonly isGreedy?: boolean;
}

/** The open chat, as far as the writer of its answers goes. */
interface AnsweredChat {
  readonly open: ReadonlySignal<OpenChat>;
  dispatch(event: ChatEvent): void;
  /** Writes the chat to the disk, and these messages of it, if it is kept at all. */
  keep(ids?: readonly string[]): void;
  /** The chat was used just now. */
  touch(): void;
}

export interface AnswerWriter {
  /** Tokens a second of the last finished answer, or null. */
  readonly rate: ReadonlySignal<number | null>;
  /** Id of the answer that was made last in this page, or null. */
  readonly lastAnswered: ReadonlySignal<string | null>;
  /**
   * Writes the answer that `reply` begins, and shows it as it comes; one that holds words already goes on where they end.
   * `isAnother`: it is to differ from one that is there.
   */
  answer(reply: Message, options?: { readonly isAnother?: boolean }): Promise<void>;
  /** Asks the model to stop; what it has written stays. */
  stop(): void;
  /** Ends an answer where it stands, without waiting for the model. */
  abandon(): void;
  /** What was measured says nothing of the model that comes next. */
  forgetRate(): void;
}

/** While an answer grows it is written this often, so that a crash costs seconds of it and no more. */
const SAVE_EVERY_MS = 2000;

const TITLE_TOKENS = 16;

/** How a model that takes the likeliest token by default is asked once more: it would write the same again. */
const ANOTHER: ChatParameters = { temperature: 0.5, minP: 0.1 };

/** Writes answers into the open chat, one at a time, and names the chat after the first. */
export function createAnswerWriter(options: AnswerWriterOptions, chat: AnsweredChat): AnswerWriter {
  const { engine, model, schedule } = options;
  const { open, dispatch, keep, touch } = chat;
  const rate = signal<number | null>(null);
  const lastAnswered = signal<string | null>(null);
  let running: AbortController | null = null;
  let lastSave = 0;

  const answer = async (reply: Message, { isAnother = false } = {}) => {
    const loaded = model();
    if (loaded === null) return;
    const controller = new AbortController();
    running = controller;
    // What is on the disk of an answer that was not finished says so, should the page close meanwhile.
    const message: Message = { ...reply, model: loaded.name, state: { kind: 'stopped' } };
    dispatch({ type: 'message-put', message, writing: { id: message.id, phase: 'reading' } });
    dispatch({ type: 'chat-change', change: { model: loaded.id } });
    keep([message.id]);
    lastSave = performance.now();
    const isCurrent = () => running === controller;

    const before = shownBranch(open.value).slice(0, -1);
    const { grounding, failure } =
      reply.text === ''
        ? await findPassages(before, controller.signal)
        : { grounding: passagesOf(before, reply.citations), failure: null };
    if (!isCurrent()) return;
    if (grounding !== null) dispatchCitations(message.id, grounding.citations);
    const write = () =>
      streamAnswer(engine, requestFor(loaded, before, { reply, grounding, isAnother }), {
        signal: controller.signal,
        schedule,
        before: adapterFor(controller.signal),
        onText: (text) => {
          if (isCurrent()) grow(message.id, text);
        },
      });
    const end = failure ?? (grounding?.answer != null ? answerWithout(grounding.answer) : await write());
    if (!isCurrent()) return;
    if (end.tokensPerSecond !== null) rate.value = end.tokensPerSecond;
    if (grounding?.answer === null) {
      await attribute(message.id, grounding.citations);
      if (!isCurrent()) return;
    }
    const readFrom = end.droppedMessages === 0 ? null : (spokenOf(before)[end.droppedMessages]?.id ?? null);
    running = null;
    dispatch({ type: 'answer-end', ...end, readFrom });
    lastAnswered.value = message.id;
    touch();
    keep([message.id]);
    if (end.state.kind === 'finished') await nameChat(loaded);
  };
  const adapterFor = (signal: AbortSignal) => {
    const { adapter } = open.value.chat;
    return adapter === null ? undefined : async () => options.useAdapter?.(adapter, signal);
  };
  const answerWithout = (text: string) => {
    dispatch({ type: 'answer-delta', text });
    return { ...CUT, state: { kind: 'finished' } } as const;
  };
  const dispatchCitations = (id: string, citations: Message['citations']) => {
    const message = open.value.messages.get(id);
    const { writing } = open.value;
    if (message !== undefined && writing !== null) {
      dispatch({ type: 'message-put', message: { ...message, citations }, writing });
    }
  };
  const attribute = async (id: string, citations: Message['citations']) => {
    // An answer without numbers is still an answer.
    const module = await import('./attribute.ts').catch(() => null);
    if (module === null) return;
    const message = open.value.messages.get(id);
    const { writing } = open.value;
    if (message === undefined || writing === null) return;
    dispatch({
      type: 'message-put',
      message: { ...message, text: module.attributeSentences(message.text, citations) },
      writing,
    });
  };
  const grow = (id: string, text: string) => {
    dispatch({ type: 'answer-delta', text });
    if (performance.now() - lastSave < SAVE_EVERY_MS) return;
    lastSave = performance.now();
    keep([id]);
  };
  const findPassages = async (before: readonly Message[], signal: AbortSignal) => {
    const question = before.at(-1);
    try {
      if (options.ground === undefined || question?.role !== 'user') return { grounding: null, failure: null };
      const sources = before.at(-2)?.citations ?? [];
      return { grounding: await options.ground(question.text, open.value.chat, signal, sources), failure: null };
    } catch (error) {
      return { grounding: null, failure: endOf(error) };
    }
  };
  /** The passages that a begun answer was written from. */
  const passagesOf = (before: readonly Message[], citations: Message['citations']): Grounding | null => {
    const question = before.at(-1);
    if (question === undefined || citations.length === 0) return null;
    return { prompt: promptFrom(question.text, citations), citations, answer: null };
  };

  const requestFor = (
    { id, isGreedy = false }: WritingModel,
    before: readonly Message[],
    { reply, grounding, isAnother }: { reply: Message; grounding: Grounding | null; isAnother: boolean },
  ): ChatCompletionRequest => {
    const { chat } = open.value;
    const defaults = options.defaults?.();
    const systemPrompt = chat.systemPrompt ?? defaults?.systemPrompt ?? null;
    const asked = before.at(-1);
    const read =
      grounding === null || asked === undefined
        ? before
        : [...before.slice(0, -1), { ...asked, text: grounding.prompt }];
    const parameters = { ...defaults?.parameters, ...chat.parameters };
    const isFree = parameters.temperature === undefined && parameters.seed === undefined;
    // An answer that is begun comes last, with what the model thought before it: the model goes on in the middle of it.
    const begun = reply.text === '' ? [] : [{ role: 'assistant', content: reply.text } as const];
    return {
      model: id,
      messages: [...toPrompt(read, systemPrompt), ...begun],
      // A long chat goes on without its beginning, and the page shows from where the model reads.
      context_policy: 'truncate-middle',
      // Thoughts are kept with the answer, as it was written, and folded away where it is shown.
      reasoning_format: 'inline',
      adapter: chat.adapter,
      ...toSampling(isAnother && isGreedy && isFree ? { ...ANOTHER, ...parameters } : parameters),
    };
  };

  /** A title of the model's own, once, and only where it is any good. */
  const nameChat = async ({ id }: { readonly id: string }) => {
    const { chat, isTemporary } = open.value;
    if (isTemporary || chat.titledBy !== 'question' || options.namesChats?.() !== true) return;
    const controller = new AbortController();
    running = controller;
    let title = '';
    const request = newMessage(chat.id, { parent: null, role: 'user', text: TITLE_REQUEST, order: 0 });
    // The conversation itself comes first, as the model has just read it: only these few words are new to it.
    const messages = toPrompt([...shownBranch(open.value), request], chat.systemPrompt);
    const { state } = await streamAnswer(
      engine,
      { model: id, messages, max_tokens: TITLE_TOKENS, temperature: 0 },
      { signal: controller.signal, schedule: (callback) => callback(), onText: (text) => (title += text) },
    );
    if (running === controller) running = null;
    // It gave way to a new question, or failed: half a title is none.
    if (state.kind === 'stopped' || state.kind === 'failed') return;
    const clean = cleanTitle(title);
    if (clean === null || open.value.chat.id !== chat.id || open.value.chat.titledBy !== 'question') return;
    dispatch({ type: 'chat-change', change: { title: clean, titledBy: 'model' } });
    keep();
  };

  const abandon = () => {
    running?.abort();
    running = null;
    const { writing } = open.value;
    if (writing === null) return;
    dispatch({ ...CUT, type: 'answer-end' });
    keep([writing.id]);
  };

  const forgetRate = () => {
    rate.value = null;
  };

  return { rate, lastAnswered, answer, stop: () => running?.abort(), abandon, forgetRate };
}

const CUT = {
  state: { kind: 'stopped' },
  tokens: null,
  tokensPerSecond: null,
  contextTokens: null,
  droppedMessages: 0,
} as const;

function toSampling(parameters: ChatParameters): Partial<ChatCompletionRequest> {
  const { temperature, topP, topK, minP, repetitionPenalty, maxTokens, seed } = parameters;
  return {
    temperature,
    top_p: topP,
    top_k: topK,
    min_p: minP,
    repetition_penalty: repetitionPenalty,
    max_tokens: maxTokens,
    seed,
  };
}
