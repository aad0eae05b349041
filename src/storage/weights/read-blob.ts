/**
 * The bytes of a Blob, read into `buffer` where it is long enough; the result's buffer is then the same memory.
 * Browsers whose Blob streams cannot fill a given buffer read into a new one.
 */
export async function readBlob(blob: Blob, buffer?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
  const reader = buffer !== undefined && buffer.byteLength >= blob.size ? byteReader(blob) : undefined;
  if (buffer === undefined || reader === undefined) return new Uint8Array(await blob.arrayBuffer());
  let memory = buffer;
  let filled = 0;
  while (filled < blob.size) {
    const { value, done } = await reader.read(new Uint8Array(memory, filled, blob.size - filled));
    if (value === undefined) break;
    // Each read moves the memory into a new ArrayBuffer.
    memory = value.buffer;
    filled += value.byteLength;
    if (done) break;
  }
  reader.releaseLock();
  return new Uint8Array(memory, 0, filled);
}

function byteReader(blob: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return blob.stream().getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}
