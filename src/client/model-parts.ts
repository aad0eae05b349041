import { SottoError } from '../shared/index.ts';

const PART_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/**
 * The parts of a split model as one file, in their order whatever order they were given in. Nothing is copied: the
 * browser reads each part from where it lies. One file alone is itself.
 * Throws `invalid-option` where the files are not the parts of one model, or some are missing.
 */
export function joinParts(files: readonly File[]): File {
  const [first] = files;
  if (first === undefined) throw refusal('No file was given.');
  if (files.length === 1) return first;
  const parts = files.map((file) => {
    const [, base, number, count] = PART_NAME.exec(file.name) ?? [];
    if (base === undefined) throw refusal(`"${file.name}" is not named like a part of a split model.`);
    return { file, base, number: Number(number), count: Number(count) };
  });
  parts.sort((a, b) => a.number - b.number);
  const { base, count } = parts[0]!;
  const isWhole = parts.length === count && parts.every((part, index) => part.number === index + 1);
  if (!isWhole || parts.some((part) => part.base !== base || part.count !== count)) {
    throw refusal(`These ${parts.length} files are not the ${count} parts of one model.`);
  }
  return new File(
    parts.map(({ file }) => file),
    `${base}.gguf`,
  );
}

function refusal(message: string): SottoError {
  return new SottoError('invalid-option', message, { details: { option: 'source' } });
}
