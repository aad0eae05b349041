import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../protocol/index.ts';
import { createSession } from './session.ts';
import { createByteTokenizer, END } from './testing/byte-tokenizer.ts';
import { GREEDY } from './testing/greedy.ts';
import { type Script, ScriptedBackend } from './testing/scripted-backend.ts';

const encoder = new TextEncoder();
const PROMPT = 'Why?';

/** Thinks in circles; says "Yes." once its thinking is over, by itself or not. */
function thinker(opening: string, own = ''): Script {
  return (cache, logits) => {
    const written = new TextDecoder('latin1').decode(Uint8Array.from(cache.slice(PROMPT.length)));
    const end = written.indexOf('</think>\n\n');
    const thought = opening + own + 'hm '.repeat(400);
    const text = end === -1 ? thought : `${written.slice(0, end)}</think>\n\nYes.`;
    logits.fill(-10);
    logits[encoder.encode(text)[written.length] ?? END] = 10;
  };
}

const limit = (tokens: number, isOpen: boolean) => ({ tokens, isOpen, open: '<think>', close: '</think>' });

function ask(script: Script, changes: Partial<GenerateRequest>) {
  const session = createSession(new ScriptedBackend(script, { contextLength: 512 }), createByteTokenizer());
  const sampling = GREEDY;
  const prompt = [{ kind: 'text' as const, text: PROMPT }];
  return session.generate({ callId: 'c', prompt, maxTokens: 120, stop: [], sampling, ...changes });
}

describe('a budget of thinking', () => {
  it('is kept: the tag is written where it is spent, and the answer follows', async () => {
    const { text, finishReason } = await ask(thinker('<think>\n'), { thinking: limit(13, false) });
    expect(text).toBe('<think>\nhm hm hm hm \n</think>\n\nYes.');
    expect(finishReason).toBe('stop');
  });

  it('holds where the prompt has opened the thinking, with log-probabilities and with speculation off', async () => {
    const thinking = limit(6, true);
    const text = 'hm hm \n</think>\n\nYes.';
    const plain = await ask(thinker(''), { thinking, speculation: 'off' });
    expect(plain.text).toBe(text);
    const { logprobs } = await ask(thinker(''), { thinking, topLogprobs: 1 });
    expect(logprobs).toHaveLength(text.length);
  });

  it('knows the tags of other families, whatever they are made of', async () => {
    const tags = { open: '◁think▷', close: '◁/think▷' };
    const ring: Script = (cache, logits) => {
      const written = new TextDecoder().decode(Uint8Array.from(cache.slice(PROMPT.length)));
      const text = written.includes(tags.close)
        ? `${written.split(tags.close)[0]}${tags.close}\n\nYes.`
        : '◁think▷hm hm hm';
      logits.fill(-10);
      logits[encoder.encode(text)[cache.length - PROMPT.length] ?? END] = 10;
    };
    const { text } = await ask(ring, { thinking: { tokens: 4, isOpen: false, ...tags } });
    expect(text).toBe('◁think▷hm h\n◁/think▷\n\nYes.');
  });

  it('of nothing ends the thinking at once', async () => {
    const { text } = await ask(thinker('<think>'), { thinking: limit(0, false) });
    expect(text).toBe('<think>\n</think>\n\nYes.');
  });

  it('leaves alone who thinks less, and who does not think', async () => {
    const short = await ask(thinker('<think>', 'Hm.</think>\n\nYes.'), { thinking: limit(50, false) });
    expect(short.text).toBe('<think>Hm.</think>\n\nYes.');
    const plain = await ask(thinker('Say: '), { thinking: limit(3, false), maxTokens: 20 });
    expect(plain).toMatchObject({ text: 'Say: hm hm hm hm hm ', finishReason: 'length' });
  });
});
