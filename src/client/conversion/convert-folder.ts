import { proxy } from 'comlink';
import conversionUrl from '../../../workers/conversion.worker.ts?worker&url';
import type { ConversionEvent, ConversionPort, ConversionResult, ConversionType } from '../../protocol/index.ts';
import { checkOptions, SIGNAL } from '../options.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';

export interface ModelConversionOptions {
  /** Block type of the matrices. Default: q8_0, which answers as the published weights do; q4_1 needs half of its room. */
  readonly quantization?: ConversionType;
  /** What the model is called. Default: the name of its folder. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ConversionEvent) => void) | undefined;
}

/** A converted model: `file` is a GGUF file, to be loaded or saved. */
export interface ConvertedModel extends Omit<ConversionResult, 'file'> {
  readonly file: File;
}

const QUANTIZATIONS = ['f32', 'f16', 'q8_0', 'q4_1'] as const satisfies readonly ConversionType[];

/** Converts a folder; see `Models.convert`. */
export async function convertFolder(
  workers: Workers,
  files: readonly File[],
  options: ModelConversionOptions,
): Promise<ConvertedModel> {
  checkOptions(options, { ...SIGNAL, quantization: QUANTIZATIONS, name: 'text', onProgress: 'function' });
  const { quantization = 'q8_0', name = folderName(files), signal, onProgress } = options;
  const worker = workers.supervise<ConversionPort>('conversion', conversionUrl);
  const parts = files.map((file) => ({ path: pathInFolder(file), file }));
  const listener = proxy((event: ConversionEvent) => onProgress?.(event));
  try {
    const result = await worker.call(
      ({ port, callId }) => port.convert(callId, parts, { name, quantization }, listener),
      { signal, abort: abortByCallId },
    );
    return { ...result, file: new File([result.file], `${name}.${quantization.toUpperCase()}.gguf`) };
  } finally {
    worker.stop();
  }
}

/** Files of a chosen folder know their path, which begins with the folder itself. */
function pathInFolder({ name, webkitRelativePath = '' }: File): string {
  const at = webkitRelativePath.indexOf('/');
  return at < 0 ? name : webkitRelativePath.slice(at + 1);
}

function folderName(files: readonly File[]): string {
  return files[0]?.webkitRelativePath?.split('/')[0] || 'model';
}
