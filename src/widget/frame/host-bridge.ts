import type {
  WidgetContext,
  WidgetFrameMessage,
  WidgetHostMessage,
  WidgetSettings,
  WidgetTool,
} from '../../protocol/index.ts';

/** Longest texts that are taken from a host; what is longer is cut, because a page can be longer than any context. */
const LIMITS = {
  title: 100,
  welcome: 2_000,
  placeholder: 200,
  language: 35,
  model: 100,
  send: 8_000,
  context: 20_000,
  fields: 100,
  knowledge: 2_000,
  tools: 16,
  toolDescription: 500,
  toolSchema: 4_000,
  toolResult: 8_000,
};

/** Messages a host may send in a second; more are dropped. A person presses no button so often. */
const MOST_A_SECOND = 20;

type Listener = (message: WidgetHostMessage) => void;

/** The window that holds the frame, as far as it needs to be known. */
export interface HostWindow {
  readonly parent: unknown;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The host page, believed only as far as it must be. */
export interface HostBridge {
  /** Sends to the host; nothing where there is none (yet). */
  send(message: WidgetFrameMessage): void;
  /** Origin of the page that greeted; null: nobody did. */
  readonly origin: string | null;
  /** Messages that were dropped: malformed, too many, or from somebody else. */
  readonly dropped: number;
}

/**
 * Waits for the host's greeting and listens from then on. Only the window that holds this frame is believed, only its
 * first greeting, and of every message only what it should hold, cut to size. Which origins may hold the frame at all is
 * the server's business (`frame-ancestors`).
 */
export function connectHost(window: HostWindow, onMessage: Listener, now: () => number = Date.now): HostBridge {
  let port: MessagePort | undefined;
  let hostOrigin: string | null = null;
  let dropped = 0;
  window.addEventListener('message', ({ source, data, ports, origin }) => {
    const [offered] = ports;
    const isGreeting = isRecord(data) && data['type'] === 'sotto-widget-connect' && data['version'] === 1;
    if (port !== undefined || source !== window.parent || !isGreeting || offered === undefined) {
      dropped += 1;
      return;
    }
    port = offered;
    hostOrigin = origin;
    listenTo(offered, onMessage, () => (dropped += 1), now);
  });
  return {
    send: (message) => port?.postMessage(message),
    get origin() {
      return hostOrigin;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** Hears a port, takes of each message what was checked, and drops what comes too fast. Greets first. */
export function listenTo(
  port: MessagePort,
  onMessage: Listener,
  onDropped: () => void,
  now: () => number = Date.now,
): void {
  let second = 0;
  let inSecond = 0;
  port.onmessage = ({ data: value }: MessageEvent) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      inSecond = 0;
    }
    inSecond += 1;
    const message = inSecond > MOST_A_SECOND ? null : readHostMessage(value);
    if (message === null) onDropped();
    else onMessage(message);
  };
  port.postMessage({ type: 'connected', version: 1 } satisfies WidgetFrameMessage);
}

/** A message rebuilt from what was checked; null for anything else. */
export function readHostMessage(value: unknown): WidgetHostMessage | null {
  if (!isRecord(value)) return null;
  switch (value['type']) {
    case 'shown':
    case 'clear':
      return { type: value['type'] };
    case 'send': {
      const text = textOf(value['text'], LIMITS.send);
      return text === null || text.trim() === '' ? null : { type: 'send', text };
    }
    case 'settings':
      return isRecord(value['settings']) ? { type: 'settings', settings: settingsOf(value['settings']) } : null;
    case 'context':
      return isRecord(value['context']) ? { type: 'context', context: contextOf(value['context']) } : null;
    case 'tools':
      return Array.isArray(value['tools']) ? { type: 'tools', tools: toolsOf(value['tools']) } : null;
    case 'tool-result': {
      const id = textOf(value['id'], LIMITS.title);
      const text = typeof value['text'] === 'string' ? value['text'].slice(0, LIMITS.toolResult) : '';
      return id === null ? null : { type: 'tool-result', id, isOk: value['isOk'] === true, text };
    }
    default:
      return null;
  }
}

/** Names as models may write them; one that is anything else is no action. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

function toolsOf(values: readonly unknown[]): readonly WidgetTool[] {
  return values.slice(0, LIMITS.tools).flatMap((value) => {
    if (!isRecord(value) || typeof value['name'] !== 'string' || !TOOL_NAME.test(value['name'])) return [];
    const parameters = schemaOf(value['parameters']);
    if (parameters === null) return [];
    return [
      { name: value['name'], description: textOf(value['description'], LIMITS.toolDescription) ?? '', parameters },
    ];
  });
}

/** A schema as plain JSON: rebuilt from text, it has no getters, no cycles and no foreign prototypes. */
function schemaOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (value === undefined || value === null) return { type: 'object', properties: {}, additionalProperties: false };
  try {
    const text = JSON.stringify(value);
    if (text.length > LIMITS.toolSchema) return null;
    const schema: unknown = JSON.parse(text);
    return isRecord(schema) ? schema : null;
  } catch {
    return null;
  }
}

function settingsOf(value: Readonly<Record<string, unknown>>): WidgetSettings {
  const theme = value['theme'];
  return {
    title: textOf(value['title'], LIMITS.title),
    welcome: textOf(value['welcome'], LIMITS.welcome),
    placeholder: textOf(value['placeholder'], LIMITS.placeholder),
    language: textOf(value['language'], LIMITS.language),
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
    model: textOf(value['model'], LIMITS.model),
    knowledge: textOf(value['knowledge'], LIMITS.knowledge),
    isClosable: value['isClosable'] === true,
  };
}

function contextOf(value: Readonly<Record<string, unknown>>): WidgetContext {
  const fields = isRecord(value['fields']) ? Object.entries(value['fields']).slice(0, LIMITS.fields) : [];
  const texts = fields.flatMap(([name, field]) => {
    const text = textOf(field, LIMITS.placeholder * 10);
    return text === null ? [] : [[name.slice(0, LIMITS.title), text] as const];
  });
  return {
    text: textOf(value['text'], LIMITS.context),
    selection: textOf(value['selection'], LIMITS.context),
    // No prototype: a field of that name is a field like any other.
    fields: Object.assign(Object.create(null), Object.fromEntries(texts)),
  };
}

function textOf(value: unknown, most: number): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, most) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
