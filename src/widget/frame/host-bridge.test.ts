import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { WidgetHostMessage } from '../../protocol/index.ts';
import { connectHost, type HostWindow, readHostMessage } from './host-bridge.ts';

const PARENT = { name: 'the window that holds the frame' };
const GREETING = { type: 'sotto-widget-connect', version: 1 };

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A frame's window that greets arrive at, and what came through. */
function frame() {
  let listener: (event: MessageEvent) => void = () => {};
  const window: HostWindow = {
    parent: PARENT,
    addEventListener: (_, added) => {
      listener = added;
    },
  };
  const received: WidgetHostMessage[] = [];
  let time = 0;
  const bridge = connectHost(
    window,
    (message) => received.push(message),
    () => time,
  );
  const greet = (source: unknown = PARENT, data: unknown = GREETING) => {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    listener({ source, data, ports: [port2], origin: 'https://host.example' } as unknown as MessageEvent);
    return port1;
  };
  return { bridge, received, greet, pass: (ms: number) => (time += ms) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('connectHost', () => {
  it('answers the first greeting of the window that holds it, and hears it from then on', async () => {
    const { bridge, received, greet } = frame();
    const port = greet();
    const answers: unknown[] = [];
    port.onmessage = ({ data }) => answers.push(data);
    port.postMessage({ type: 'send', text: 'Hi' });
    await settled();
    expect(bridge.origin).toBe('https://host.example');
    expect(answers).toEqual([{ type: 'connected', version: 1 }]);
    expect(received).toEqual([{ type: 'send', text: 'Hi' }]);
  });

  it.each([
    [{ name: 'another window' }, GREETING],
    [PARENT, { type: 'sotto-widget-connect', version: 2 }],
    [PARENT, 'sotto-widget-connect'],
    [PARENT, null],
    [null, GREETING],
  ])('ignores a greeting of %j saying %j', async (source, data) => {
    const { bridge, received, greet } = frame();
    greet(source, data).postMessage({ type: 'clear' });
    await settled();
    expect(received).toEqual([]);
    expect(bridge.dropped).toBe(1);
  });

  it('takes no second greeting', async () => {
    const { bridge, received, greet } = frame();
    greet();
    greet().postMessage({ type: 'clear' });
    await settled();
    expect(received).toEqual([]);
    expect(bridge.dropped).toBe(1);
  });

  it('drops a flood, and hears again a second later', async () => {
    const { bridge, received, greet, pass } = frame();
    const port = greet();
    for (let i = 0; i < 1_000; i++) port.postMessage({ type: 'shown' });
    await settled();
    expect(received).toHaveLength(20);
    expect(bridge.dropped).toBe(980);
    pass(1_000);
    port.postMessage({ type: 'clear' });
    await settled();
    expect(received.at(-1)).toEqual({ type: 'clear' });
  });
});

describe('readHostMessage', () => {
  it('never throws, and gives only what it knows', () => {
    const types = fc.constantFrom('settings', 'shown', 'send', 'clear', 'context', '__proto__', 'constructor', 'other');
    const value = fc.oneof(
      fc.anything(),
      fc.record({ type: types, text: fc.anything(), settings: fc.anything(), context: fc.anything() }),
    );
    fc.assert(
      fc.property(value, (message) => {
        const read = readHostMessage(message);
        if (read !== null) expect(['settings', 'shown', 'send', 'clear', 'context']).toContain(read.type);
      }),
    );
  });

  it('cuts what is too long, and leaves out what is no text', () => {
    const context = {
      text: 'x'.repeat(50_000),
      selection: 7,
      fields: { name: 'Ada', age: 36, ['__proto__']: 'polluted', ...JSON.parse('{"__proto__": "own"}') },
    };
    const read = readHostMessage({ type: 'context', context });
    if (read?.type !== 'context') throw new Error('expected a context');
    expect(read.context.text).toHaveLength(20_000);
    expect(read.context.selection).toBeNull();
    expect(read.context.fields['name']).toBe('Ada');
    expect(read.context.fields).not.toHaveProperty('age');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('reads settings field by field', () => {
    const read = readHostMessage({ type: 'settings', settings: { title: 'Help', theme: 'neon', isClosable: 'yes' } });
    expect(read).toMatchObject({ settings: { title: 'Help', theme: 'auto', isClosable: false, model: null } });
  });
});
