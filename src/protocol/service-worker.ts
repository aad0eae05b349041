/** What the service worker tells every page it controls. */
export interface NetworkRequestEvent {
  readonly type: 'network-request';
  /** Address without query, so that the page can name it. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A page asks for what the system's share sheet handed over; it comes once, through the port that comes along. */
export interface TakeSharedCommand {
  readonly type: 'take-shared';
}

/** What was shared with the installed app. */
export interface SharedContent {
  /** Title, text and address, one a line; '' for none. */
  readonly text: string;
  readonly files: readonly File[];
}

/** What a page tells a service worker that waits: the person wants the new version now. */
export interface UpdateAcceptCommand {
  readonly type: 'update-accept';
}
