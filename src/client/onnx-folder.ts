import type { OnnxModelFile } from '../protocol/index.ts';

/** The files of an ONNX model, as the person opened them. */
export interface OnnxFolder {
  readonly name: string;
  readonly files: readonly OnnxModelFile[];
}

/** Graphs, and weights beside them. */
const GRAPH_FILE = /\.onnx(_data(_\d+)?|\.data)?$/i;

/** True where the files are a folder with ONNX graphs. */
export function isOnnxFolder(files: readonly File[]): boolean {
  return files.some(({ name }) => /\.onnx$/i.test(name));
}

/** Files of a chosen folder know their path, which begins with the folder itself; graphs may lie in "onnx" or beside the rest. */
export function onnxFolder(files: readonly File[]): OnnxFolder {
  const [first] = files;
  const name = first?.webkitRelativePath?.split('/')[0] || first?.name.replace(/\.[^.]*$/, '') || 'model';
  return {
    name,
    files: files.map((file) => {
      const { webkitRelativePath = '' } = file;
      const path = webkitRelativePath.slice(webkitRelativePath.indexOf('/') + 1) || file.name;
      return { path: GRAPH_FILE.test(path) && !path.includes('/') ? `onnx/${path}` : path, blob: file };
    }),
  };
}
