import { type ConversionPort, type ConversionType, settle } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { convertModel } from './convert-model.ts';
import type { WrittenType } from './quantise.ts';

const TYPES: Readonly<Record<ConversionType, WrittenType>> = { f32: 'F32', f16: 'F16', q8_0: 'Q8_0', q4_1: 'Q4_1' };

/** What the conversion worker answers with. */
export function createConversionService(): Omit<ConversionPort, 'hello'> {
  const running = new Map<string, AbortController>();
  return {
    convert: (callId, files, { name, quantization }, onEvent) =>
      settle(async () => {
        const type = Object.hasOwn(TYPES, quantization) ? TYPES[quantization] : undefined;
        if (type === undefined) {
          const message = `"quantization" must be ${Object.keys(TYPES).join(', ')}, not ${JSON.stringify(quantization)}.`;
          throw new SottoError('invalid-option', message, { details: { option: 'quantization' } });
        }
        const controller = new AbortController();
        running.set(callId, controller);
        try {
          return await convertModel({
            files,
            name,
            type,
            signal: controller.signal,
            onProgress: (doneBytes, totalBytes) => onEvent({ type: 'conversion-progress', doneBytes, totalBytes }),
          });
        } finally {
          running.delete(callId);
        }
      }),
    abort: (callId) => running.get(callId)?.abort(),
  };
}
