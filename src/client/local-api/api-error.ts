import type { ApiErrorBody } from '../../protocol/index.ts';
import { SottoError, type SottoErrorCode } from '../../shared/index.ts';

interface Mapped {
  readonly status: number;
  /** The API's own code, where it has one; ours otherwise. */
  readonly code?: string;
}

/** What the caller did, or what is not there; every other code is a fault on this side. */
const STATUS: ReadonlyMap<SottoErrorCode, Mapped> = new Map<SottoErrorCode, Mapped>([
  ['empty-prompt', { status: 400 }],
  ['invalid-option', { status: 400 }],
  ['unsupported-option', { status: 400 }],
  ['grammar-invalid', { status: 400 }],
  ['grammar-unsupported', { status: 400 }],
  ['grammar-too-complex', { status: 400 }],
  ['prompt-too-long', { status: 400, code: 'context_length_exceeded' }],
  ['template-rejected', { status: 400 }],
  ['model-unknown', { status: 404, code: 'model_not_found' }],
  ['model-not-loaded', { status: 409 }],
  ['model-unsupported', { status: 400 }],
  ['storage-full', { status: 507 }],
  // Clients repeat what was answered so.
  ['engine-moved', { status: 503 }],
  ['worker-lost', { status: 503 }],
  ['device-lost', { status: 503 }],
  ['disposed', { status: 503 }],
]);

export interface ApiError {
  readonly status: number;
  readonly body: ApiErrorBody;
}

/** Anything thrown, as the OpenAI API would answer it. */
export function apiErrorOf(error: unknown): ApiError {
  if (!SottoError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: 500, body: { error: { message, type: 'server_error', param: null, code: 'internal' } } };
  }
  const { status, code = error.code } = STATUS.get(error.code) ?? { status: 500 };
  const { option } = error.details;
  return {
    status,
    body: {
      error: {
        message: `${error.message} ${error.userAction}`,
        type: status >= 500 ? 'server_error' : 'invalid_request_error',
        param: typeof option === 'string' ? option : null,
        code,
      },
    },
  };
}
