import type { Clock } from '../shared/index.ts';
import { SottoError } from '../shared/index.ts';
import { type AllowedFetch, statusError } from './allowed-fetch.ts';
import { type AnswerSpan, notTheFile, readAnswer } from './answer.ts';
import type { StallGuard, StallLimits } from './stall-guard.ts';

/** What downloads work with. */
export interface TransferTools {
  readonly fetch: AllowedFetch;
  readonly clock: Clock;
  readonly stall: StallLimits;
}

/** A body that begins where it says. */
export interface OpenedSpan extends AnswerSpan {
  readonly response: Response;
}

/** One file on one server, and what has been learnt about that server so far. */
export class ServerFile {
  readonly tools: TransferTools;
  readonly url: URL;
  readonly fileBytes: number;
  /** The edition that must be met, where no hash tells one from another. */
  readonly #heldTo: string | undefined;
  #edition: string | undefined;
  #ranges: 'unknown' | 'usable' | 'useless' = 'unknown';

  constructor(tools: TransferTools, url: URL, fileBytes: number, heldTo?: string) {
    this.tools = tools;
    this.url = url;
    this.fileBytes = fileBytes;
    this.#heldTo = heldTo;
    this.#edition = heldTo;
  }

  /** Whether parts can be asked for; `unknown` until the first answer to such a question. */
  get ranges(): 'unknown' | 'usable' | 'useless' {
    return this.#ranges;
  }

  /**
   * Asks for a span, and says which span the answer holds. Undefined where it is of no use: a range of an encoded file; the
   * whole file must then be asked for.
   * Rejects with `download-failed`, `download-not-the-file`, `download-refused`, `download-stalled`, `model-changed`, AbortError.
   */
  async open(asked: AnswerSpan, guard: StallGuard, signal: AbortSignal): Promise<OpenedSpan | undefined> {
    const isPart = asked.start > 0 || asked.end < this.fileBytes;
    const request = this.tools.fetch(this.url, { headers: isPart ? this.#headers(asked) : {}, signal, isBulk: true });
    const response = await guard.wait(request, signal);
    if (response.status === 416) throw notTheFile('The file on the server is shorter than the published one.');
    if (response.status !== 200 && response.status !== 206) throw statusError(response, this.url);
    const edition = validatorOf(response);
    if (this.#heldTo !== undefined && edition !== undefined && edition !== this.#heldTo) {
      throw new SottoError('model-changed', `The file on ${this.url.host} changed while it was being fetched.`, {
        details: { host: this.url.host },
      });
    }
    const span = readAnswer(response, { ...asked, fileBytes: this.fileBytes });
    // Where If-Range met another edition, the whole of it was the right answer.
    const isOther = this.#edition !== undefined && edition !== this.#edition;
    if (isPart && (span === undefined || response.status === 206 || !isOther)) {
      this.#ranges = span === undefined || response.status === 200 ? 'useless' : 'usable';
    }
    this.#edition = edition ?? this.#heldTo;
    return span === undefined ? undefined : { response, ...span };
  }

  #headers({ start, end }: AnswerSpan): Record<string, string> {
    const range = { Range: `bytes=${start}-${end - 1}` };
    return this.#edition === undefined ? range : { ...range, 'If-Range': this.#edition };
  }
}

/**
 * What tells one edition of a file from another: a strong ETag, else the time of its last change. Weak tags promise an equal
 * meaning, not equal bytes: If-Range may not use them.
 */
export function validatorOf(response: Response): string | undefined {
  const etag = response.headers.get('ETag');
  if (etag !== null && !etag.startsWith('W/')) return etag;
  return response.headers.get('Last-Modified') ?? undefined;
}
