/**
 * How a host page and the widget's frame speak. The host opens with one `WidgetConnect` to the frame's window, naming the
 * frame's origin; it carries a port, and all else goes through that port. The frame takes the first such message of the
 * window that holds it and no other. Versions must be equal.
 */
export interface WidgetConnect {
  readonly type: 'sotto-widget-connect';
  readonly version: 1;
}

/** What the host's element may look like in the frame. */
export interface WidgetSettings {
  readonly title: string | null;
  readonly welcome: string | null;
  readonly placeholder: string | null;
  /** A language tag; null: the browser's. */
  readonly language: string | null;
  readonly theme: 'auto' | 'light' | 'dark';
  /** A model of the site's catalogue; null: its first. */
  readonly model: string | null;
  /** Address of one knowledge pack; null: those of the site's policy. */
  readonly knowledge: string | null;
  /** Whether the frame shows a button that closes it. */
  readonly isClosable: boolean;
}

/** What the host lets the model know of its page. */
export interface WidgetContext {
  /** Text of the page, or of the part that matters. */
  readonly text: string | null;
  /** What the person has selected. */
  readonly selection: string | null;
  /** Form fields by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** An action of the host page that the model may ask for. The page runs it, and only after the person's yes. */
export interface WidgetTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Host → frame. */
export type WidgetHostMessage =
  /** All actions the page offers now; they take the place of those before. */
  | { readonly type: 'tools'; readonly tools: readonly WidgetTool[] }
  | { readonly type: 'tool-result'; readonly id: string; readonly isOk: boolean; readonly text: string }
  | { readonly type: 'settings'; readonly settings: WidgetSettings }
  | { readonly type: 'shown' }
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'clear' }
  | { readonly type: 'context'; readonly context: WidgetContext };

/** What the person sees in the frame. */
export type WidgetState = 'asking' | 'fetching' | 'ready' | 'answering' | 'failed' | 'blocked' | 'unsupported';

/**
 * Frame → host. What is said stays in the frame: the host learns that something was said and how long it is. A page that
 * embeds the widget is not thereby allowed to read along: `text` and `delta` come only where the site's policy says so.
 */
export type WidgetFrameMessage =
  | { readonly type: 'connected'; readonly version: 1 }
  | { readonly type: 'state'; readonly state: WidgetState }
  | {
      readonly type: 'message';
      readonly role: 'user' | 'assistant';
      readonly characters: number;
      readonly text?: string;
    }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'cleared' }
  /** The person allowed this call. The arguments satisfy the action's schema. */
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly arguments: Readonly<Record<string, unknown>>;
    }
  /** The person wants to see this page; the frame itself may lead nowhere. */
  | { readonly type: 'link'; readonly address: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string }
  | { readonly type: 'close' };
