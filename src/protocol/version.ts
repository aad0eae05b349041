/** Raised whenever a message between threads changes shape: an old tab must not speak to a new worker. */
export const PROTOCOL_VERSION = 2;
