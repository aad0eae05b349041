import { isModelFolder } from './conversion/index.ts';
import type { ModelLoadOptions } from './model-load.ts';
import { joinParts } from './model-parts.ts';
import { isOnnxFolder, type OnnxFolder, onnxFolder } from './onnx-folder.ts';
import type { Workers } from './workers.ts';

/** What several files are: graphs of an ONNX model, parts of one GGUF file, or a folder that is converted into one. */
export async function sourceOf(
  workers: Workers,
  files: readonly File[],
  { signal, onProgress }: ModelLoadOptions,
): Promise<File | OnnxFolder> {
  if (isOnnxFolder(files)) return onnxFolder(files);
  if (!isModelFolder(files)) return joinParts(files);
  // What the policy forbids is not read first.
  await workers.permit('file');
  const { convertFolder } = await import('./conversion/convert-folder.ts');
  return (await convertFolder(workers, files, { signal, onProgress })).file;
}
