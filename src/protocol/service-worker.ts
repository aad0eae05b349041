/** What the service worker tells every page it controls. */
export interface NetworkRequestEvent {
  readonly type: 'network-request';
  /** Address without query, so that the page can name it. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a page tells a service worker that waits: the person wants the new version now. */
export interface UpdateAcceptCommand {
  readonly type: 'update-accept';
}
