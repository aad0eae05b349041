/** A name that can never resolve (RFC 2606): should every wall be down, still nothing arrives anywhere. */
const TARGET = 'https://host.invalid/egress-test';

/** One way out of a page, and whether the browser refused it. */
export interface EgressResult {
  readonly channel: 'fetch' | 'image' | 'beacon' | 'websocket' | 'eventsource' | 'frame' | 'script' | 'stylesheet';
  readonly isRefused: boolean;
}

/** The browser reports a refusal within this time. */
const PATIENCE_MS = 1500;

/** Directive of the policy by which each way is refused. */
const CHANNELS: Readonly<Record<EgressResult['channel'], () => void>> = {
  fetch: () => void fetch(`${TARGET}?fetch`, { mode: 'no-cors' }).catch(() => {}),
  image: () => {
    new Image().src = `${TARGET}?image`;
  },
  beacon: () => void navigator.sendBeacon(`${TARGET}?beacon`, 'x'),
  websocket: () => new WebSocket(`${TARGET.replace('https', 'wss')}?websocket`).close(),
  eventsource: () => {
    const source = new EventSource(`${TARGET}?eventsource`);
    setTimeout(() => source.close(), PATIENCE_MS);
  },
  frame: () => insert('iframe', 'src', 'frame'),
  script: () => insert('link', 'href', 'script', { rel: 'modulepreload' }),
  stylesheet: () => insert('link', 'href', 'stylesheet', { rel: 'stylesheet' }),
};

/** Tries every way out and tells which ones the browser refused: a proof, where a promise would be words. */
export async function testEgress(): Promise<readonly EgressResult[]> {
  const refused = new Set<string>();
  const listen = ({ blockedURI, effectiveDirective }: SecurityPolicyViolationEvent) => {
    // Of a frame the report names the host alone.
    const isFrame = effectiveDirective === 'frame-src' && TARGET.startsWith(blockedURI);
    const channel = isFrame ? 'frame' : /egress-test\?(\w+)$/.exec(blockedURI)?.[1];
    if (channel !== undefined) refused.add(channel);
  };
  document.addEventListener('securitypolicyviolation', listen);
  const names = Object.keys(CHANNELS) as EgressResult['channel'][];
  for (const name of names) {
    try {
      CHANNELS[name]();
    } catch {
      // Some are refused by an exception.
      refused.add(name);
    }
  }
  const until = performance.now() + PATIENCE_MS;
  while (refused.size < names.length && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  document.removeEventListener('securitypolicyviolation', listen);
  return names.map((channel) => ({ channel, isRefused: refused.has(channel) }));
}

function insert(tag: 'iframe' | 'link', attribute: string, name: string, others: Record<string, string> = {}): void {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(others)) element.setAttribute(key, value);
  element.setAttribute(attribute, `${TARGET}?${name}`);
  document.head.append(element);
  setTimeout(() => element.remove(), PATIENCE_MS);
}
