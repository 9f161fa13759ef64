/** Gives a file to the browser or the app to save. */
export function saveFile(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Puts a picture on the clipboard. It may be made while the browser already knows that the person asked for it. */
export async function copyPicture(picture: () => Promise<Blob>): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture() })]);
}

/** A picture as text that a report can hold. */
export function toDataAddress(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string); // it is read as a data address
    reader.onerror = () => reject(new Error('picture: could not be read', { cause: reader.error }));
    reader.readAsDataURL(blob);
  });
}
