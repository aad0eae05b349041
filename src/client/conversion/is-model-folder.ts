/** True where the files are a folder with safetensors weights, and not parts of a GGUF file. */
export function isModelFolder(files: readonly File[]): boolean {
  return files.some(({ name }) => name.endsWith('.safetensors') || name === 'config.json');
}
