import type { VNode } from 'preact';
import { formatBytes } from '../../app/format/index.ts';
import type { Words } from '../text/index.ts';
import type { Assistant } from './assistant.ts';

/** Where the model is: what would be fetched, how far it is, what went wrong. Nothing once it can answer. */
export function ModelState({
  assistant,
  words,
  language,
}: {
  readonly assistant: Assistant;
  readonly words: Words;
  readonly language: string;
}): VNode | null {
  const phase = assistant.phase.value;
  if (phase.kind === 'blocked') {
    return (
      <section class="state failed" role="alert">
        <p>
          {phase.failure.message} {phase.failure.action}
        </p>
      </section>
    );
  }
  const failure = phase.kind === 'failed' ? phase.failure : assistant.failure.value;
  if (failure !== null) {
    return (
      <section class="state failed" role="alert">
        <p>
          {failure.message} {failure.action}
        </p>
        <button type="button" class="primary" onClick={() => void assistant.retry()}>
          {words.retry}
        </button>
      </section>
    );
  }
  switch (phase.kind) {
    case 'asking': {
      const consent = assistant.policy.value?.consent ?? {};
      const text = consent[language] ?? consent['en'] ?? Object.values(consent)[0];
      return (
        <section class="state">
          {text !== undefined && <p class="consent">{text}</p>}
          <p>{words.installNote}</p>
          <button type="button" class="primary" onClick={() => void assistant.install()}>
            {words.install(formatBytes(phase.bytes))}
          </button>
        </section>
      );
    }
    case 'fetching': {
      const text = words.fetching(formatBytes(phase.loadedBytes), formatBytes(phase.totalBytes));
      return (
        <section class="state">
          <p>{text}</p>
          <progress aria-label={text} value={phase.loadedBytes} max={phase.totalBytes} />
        </section>
      );
    }
    case 'looking':
    case 'loading':
      return (
        <section class="state" role="status">
          <p>{words.loading}</p>
        </section>
      );
    case 'unsupported':
      return (
        <section class="state" role="alert">
          <p>{words.unsupported}</p>
        </section>
      );
    default:
      return null;
  }
}
