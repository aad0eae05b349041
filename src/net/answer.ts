import { SottoError } from '../shared/index.ts';

/** Which bytes of the file a body holds: from `start` up to `end`, not included. */
export interface AnswerSpan {
  readonly start: number;
  readonly end: number;
}

/** What was asked for: a span of a file of known size. */
export interface AskedSpan extends AnswerSpan {
  readonly fileBytes: number;
}

/**
 * Decides from the headers which part of the file a successful answer carries, before a byte of it is believed.
 * 206: what `Content-Range` says. 200: the whole file, whatever was asked. `undefined`: a range of an *encoded* file, whose bytes
 * cannot be placed; the whole file must be asked for instead.
 * Throws `download-not-the-file` for an HTML page or a file of another size.
 */
export function readAnswer(response: Response, asked: AskedSpan): AnswerSpan | undefined {
  const type = response.headers.get('Content-Type') ?? '';
  if (/^\s*(text\/html|application\/xhtml)/i.test(type)) throw notTheFile('The server answered with an HTML page.');
  const encoding = response.headers.get('Content-Encoding') ?? 'identity';
  const isEncoded = encoding.trim().toLowerCase() !== 'identity';
  if (response.status === 206) return isEncoded ? undefined : readRange(response.headers.get('Content-Range'), asked);
  // Content-Length counts bytes on the wire: with an encoding it says nothing about the file.
  const length = response.headers.get('Content-Length');
  if (length !== null && !isEncoded && Number(length) !== asked.fileBytes) {
    throw notTheFile(`The server offers ${length} bytes; the file has ${asked.fileBytes}.`);
  }
  return { start: 0, end: asked.fileBytes };
}

function readRange(header: string | null, asked: AskedSpan): AnswerSpan {
  // Other origins hide the header unless they expose it. The hashes will tell if the guess is wrong.
  if (header === null) return asked;
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header.trim()) ?? [];
  if (first === undefined || (total !== '*' && Number(total) !== asked.fileBytes)) {
    throw notTheFile(`The server offers "${header}"; the file has ${asked.fileBytes} bytes.`);
  }
  const [start, end] = [Number(first), Number(last) + 1];
  if (start > asked.start || end <= asked.start)
    throw notTheFile(`The server sent "${header}", which was not asked for.`);
  return { start, end: Math.min(end, asked.fileBytes) };
}

/** What is thrown for bytes that are recognisably something else. */
export function notTheFile(message: string): SottoError {
  return new SottoError('download-not-the-file', message);
}
