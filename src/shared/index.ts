export { BlobByteSource, type ByteSource, MemoryByteSource, toHex } from './bytes.ts';
export { type Clock, systemClock } from './clock.ts';
export { type DecodedText, decodeText } from './decode-text.ts';
export { abortError, type ErrorDetails, isAbortError, SottoError, throwIfAborted } from './error.ts';
export type { SottoErrorCode } from './error-codes.ts';
export { letMessagesIn, nextTurn } from './event-loop.ts';
export { Fields } from './fields.ts';
export { allowOwnScripts, trustedScriptUrl } from './trusted-url.ts';
export { usualCacheKind } from './usual-cache-kind.ts';
