/** Hands a text to the person as a file: the browser's own download, from memory. */
export function saveFile(name: string, type: string, content: BlobPart): void {
  saveBlob(name, new Blob([content], { type }));
}

/** The same for what is a Blob already. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has read it by then, or asks the person first and holds the blob itself.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
