import { parsePythonCalls, type WrittenCall } from './python-calls.ts';
import type { ToolFormat } from './tool-formats.ts';
import type { ToolCallDelta } from './tool-types.ts';

/** A piece of an answer: text, or a piece of a call. */
export type ToolPart =
  | { readonly kind: 'content'; readonly text: string }
  | { readonly kind: 'call'; readonly text: ''; readonly delta: ToolCallDelta };

/** The beginning of a call as JSON, up to its arguments. Some models wrap it like the API does, or give it an id. */
const HEAD =
  /^\{\s*(?:"id"\s*:\s*"[^"]*"\s*,\s*)?(?:"type"\s*:\s*"function"\s*,\s*)?(?:"function"\s*:\s*\{\s*)?"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=[{"n])/;
/** The beginning of a call that is named before its arguments. */
const NAMED_HEAD = /^([\w-]+)(?:\[CALL_ID\][\w-]*)?\[ARGS\]\s*(?=\{)/;
const CLOSERS = [']', '</tool_call>', '<|/tool_call|>', '<|tool_call_end|>', '<|python_tag|>'];
/** What stands between calls and means nothing. */
const BETWEEN = /^[\s,;[\]]+/;

/**
 * Tells calls of tools from text while an answer arrives in pieces of any size. What announces a call and turns out to be
 * none is text again.
 */
export class ToolCallReader {
  readonly #format: ToolFormat;
  readonly #newId: () => string;
  #state: 'start' | 'text' | 'calls' | 'arguments' | 'tail' = 'start';
  /** What has arrived and is not yet understood. */
  #held = '';
  /** What was taken from it since the last piece that was handed on: text again if no call comes of it. */
  #taken = '';
  #calls = 0;
  /** Whether what was announced last has turned out to be a call: what closes it is no text then. */
  #isCall = false;
  /** Brackets open within the arguments, or the rest, of a call. */
  readonly #scan = new JsonScan();
  /** Brackets that were opened before the arguments. */
  #opened = 1;

  constructor(format: ToolFormat, newId: () => string = newCallId) {
    this.#format = format;
    this.#newId = newId;
  }

  /** Calls read so far, unfinished ones included. */
  get calls(): number {
    return this.#calls;
  }

  push(text: string): readonly ToolPart[] {
    this.#held += text;
    const parts: ToolPart[] = [];
    for (let before = -1; before !== this.#progress; ) {
      before = this.#progress;
      this.#step(parts);
    }
    return parts;
  }

  /** What was held back, when no more comes. */
  end(): readonly ToolPart[] {
    const parts: ToolPart[] = [];
    if (this.#format.shape === 'python' && this.#state === 'calls') this.#readPython(parts, this.#held);
    // An answer that was cut while it closed a call has said nothing by that.
    const isClosing = this.#state === 'calls' && this.#isCall && this.#mayClose;
    const isSaid = this.#state === 'calls' || this.#state === 'start' || this.#state === 'text';
    const rest = isSaid && !isClosing ? this.#taken + this.#held : '';
    this.#held = '';
    this.#taken = '';
    // White space around calls is nothing that anyone said.
    if (rest !== '' && !(this.#calls > 0 && rest.trim() === '')) parts.push({ kind: 'content', text: rest });
    return parts;
  }

  /** Changes with every step that got somewhere. */
  get #progress(): number {
    return this.#held.length * 8 + ['start', 'text', 'calls', 'arguments', 'tail'].indexOf(this.#state);
  }

  #step(parts: ToolPart[]): void {
    switch (this.#state) {
      case 'start':
        this.#readStart();
        break;
      case 'text':
        this.#readText(parts);
        break;
      case 'calls':
        this.#readCalls(parts);
        break;
      case 'arguments':
        this.#readArguments(parts);
        break;
      case 'tail':
        this.#readTail();
        break;
    }
  }

  /** Only formats without a marker begin otherwise than with text: their answer is a call or it is not. */
  #readStart(): void {
    if (this.#format.marker !== '') {
      this.#state = 'text';
      return;
    }
    const start = this.#held.trimStart();
    if (start.startsWith('{') || start.startsWith('<|python_tag|>')) this.#state = 'calls';
    else if (start !== '' && !'<|python_tag|>'.startsWith(start)) this.#state = 'text';
  }

  #readText(parts: ToolPart[]): void {
    const { marker } = this.#format;
    const at = marker === '' ? -1 : this.#held.indexOf(marker);
    const known = at === -1 ? this.#held.length - openEnd(this.#held, marker) : at;
    this.#say(parts, this.#held.slice(0, known));
    this.#held = this.#held.slice(known);
    if (at === -1) return;
    this.#isCall = false;
    this.#take(marker.length);
    this.#state = 'calls';
  }

  #readCalls(parts: ToolPart[]): void {
    const { marker, close, shape } = this.#format;
    if (shape === 'python') {
      const end = this.#held.indexOf(close);
      if (end === -1) return;
      if (!this.#readPython(parts, this.#held.slice(0, end))) this.#giveUp(end + close.length, parts);
      return;
    }
    const closer = [...CLOSERS, marker].find((text) => text !== '' && this.#held.startsWith(text));
    if (closer !== undefined && closer === marker) {
      this.#isCall = false;
      this.#taken = '';
    }
    if (closer !== undefined) {
      this.#take(closer.length);
      return;
    }
    if (this.#mayClose) return;
    const between = BETWEEN.exec(this.#held)?.[0];
    if (between !== undefined) {
      this.#take(between.length);
      return;
    }
    const head = HEAD.exec(this.#held);
    if (head !== null) {
      this.#opened = head[0].split('{').length - 1;
      this.#begin(parts, head[0].length, parsedName(head[1] ?? '""'));
      return;
    }
    if (this.#held.startsWith('{')) {
      this.#readWhole(parts);
      return;
    }
    const named = shape === 'named' ? NAMED_HEAD.exec(this.#held) : null;
    if (named !== null) {
      this.#begin(parts, named[0].length, named[1] ?? '');
      return;
    }
    if (shape === 'named' && /^[\w-]+(\[[A-Z_]*\]?[\w-]*)?\[?[A-Z]*\]?\s*$/.test(this.#held)) return;
    this.#giveUp(0, parts);
  }

  /** Whether what is held may be the beginning of what stands behind a call. */
  get #mayClose(): boolean {
    return [...CLOSERS, this.#format.marker].some((text) => text.startsWith(this.#held));
  }

  #begin(parts: ToolPart[], length: number, name: string): void {
    this.#held = this.#held.slice(length);
    this.#taken = '';
    this.#isCall = true;
    // Arguments that were written as a text of JSON are read when they are complete.
    this.#scan.restart();
    this.#state = 'arguments';
    const delta = {
      index: this.#calls++,
      id: this.#newId(),
      type: 'function' as const,
      function: { name, arguments: '' },
    };
    parts.push({ kind: 'call', text: '', delta });
  }

  #readArguments(parts: ToolPart[]): void {
    if (this.#held === '') return;
    const isText = this.#scan.isAtStart && this.#held.startsWith('"');
    if (isText) {
      const end = stringEnd(this.#held);
      if (end === -1) return;
      this.#argue(parts, parsedName(this.#held.slice(0, end)));
      this.#held = this.#held.slice(end);
      this.#endOfArguments();
      return;
    }
    const end = this.#scan.read(this.#held);
    this.#argue(parts, this.#held.slice(0, end));
    this.#held = this.#held.slice(end);
    if (this.#scan.isOver) this.#endOfArguments();
  }

  #endOfArguments(): void {
    this.#state = this.#format.shape === 'named' ? 'calls' : 'tail';
    this.#scan.restart(this.#opened);
  }

  /** What stands in a call behind its arguments: an id, and the brackets that close it. */
  #readTail(): void {
    this.#held = this.#held.slice(this.#scan.read(this.#held));
    if (this.#scan.isOver) this.#state = 'calls';
  }

  /** A call whose parts come in another order is read when it is complete. */
  #readWhole(parts: ToolPart[]): void {
    const scan = new JsonScan();
    const end = scan.read(this.#held);
    if (!scan.isOver) return;
    const call = wholeCall(this.#held.slice(0, end));
    if (call === undefined) {
      this.#giveUp(end, parts);
      return;
    }
    this.#held = this.#held.slice(end);
    this.#tell(parts, call);
  }

  #readPython(parts: ToolPart[], text: string): boolean {
    const calls = parsePythonCalls(text) ?? jsonCalls(text);
    if (calls === undefined) return false;
    for (const call of calls) this.#tell(parts, call);
    const { close } = this.#format;
    this.#held = this.#held.slice(text.length).replace(close, '');
    this.#state = 'text';
    return true;
  }

  #tell(parts: ToolPart[], { name, arguments: given }: WrittenCall): void {
    this.#taken = '';
    this.#isCall = true;
    const index = this.#calls++;
    parts.push({
      kind: 'call',
      text: '',
      delta: { index, id: this.#newId(), type: 'function', function: { name, arguments: given } },
    });
  }

  #argue(parts: ToolPart[], text: string): void {
    if (text === '') return;
    parts.push({ kind: 'call', text: '', delta: { index: this.#calls - 1, function: { arguments: text } } });
  }

  /** What was announced is no call: it is text, up to there and from there on. */
  #giveUp(length: number, parts: ToolPart[]): void {
    this.#say(parts, this.#held.slice(0, length));
    this.#held = this.#held.slice(length);
    this.#state = 'text';
  }

  #take(length: number): void {
    if (!this.#isCall) this.#taken += this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
  }

  #say(parts: ToolPart[], text: string): void {
    const all = this.#taken + text;
    if (all === '' || (this.#calls > 0 && all.trim() === '')) return;
    this.#taken = '';
    parts.push({ kind: 'content', text: all });
  }
}

/** Nine letters and digits: some templates accept no other id. */
export function newCallId(): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
  return [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => letters[byte % letters.length]).join('');
}

/** Finds the end of a JSON value that arrives in pieces. */
class JsonScan {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  isAtStart = true;
  isOver = false;

  /** Begins anew, within so many brackets. */
  restart(depth = 0): void {
    this.#depth = depth;
    this.#isInString = false;
    this.#isEscaped = false;
    this.isAtStart = true;
    this.isOver = false;
  }

  /** Reads on; how much of the text belongs to the value. */
  read(text: string): number {
    for (let index = 0; index < text.length; index++) {
      const character = text[index];
      this.isAtStart = false;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInString && character === '\\') this.#isEscaped = true;
      else if (character === '"') this.#isInString = !this.#isInString;
      else if (!this.#isInString && (character === '{' || character === '[')) this.#depth += 1;
      else if (!this.#isInString && (character === '}' || character === ']')) {
        this.#depth -= 1;
        if (this.#depth < 0) {
          this.isOver = true;
          return index;
        }
        if (this.#depth === 0) {
          this.isOver = true;
          return index + 1;
        }
      }
    }
    return text.length;
  }
}

function stringEnd(text: string): number {
  return /^"(?:[^"\\]|\\.)*"/su.exec(text)?.[0].length ?? -1;
}

function parsedName(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function wholeCall(text: string): WrittenCall | undefined {
  try {
    return asCall(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function jsonCalls(text: string): readonly WrittenCall[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const calls = (Array.isArray(value) ? value : [value]).map(asCall);
    return calls.every((call) => call !== undefined) ? calls : undefined;
  } catch {
    return undefined;
  }
}

function asCall(value: unknown): WrittenCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const outer = value as Readonly<Record<string, unknown>>;
  const inner = outer['function'];
  const call = typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>) : outer;
  const name = call['name'];
  const given = call['arguments'] ?? call['parameters'] ?? {};
  if (typeof name !== 'string') return undefined;
  return { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) };
}

/** How much of the end may be the beginning of the marker. */
function openEnd(text: string, marker: string): number {
  for (let length = Math.min(marker.length - 1, text.length); length > 0; length--) {
    if (marker.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
