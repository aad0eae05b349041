/** Hands a file to the person: the browser's own download, from memory. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has read it by then, or asks the person first and holds the blob itself.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
