// Which paths an upload may name: files below the folder that is filled, on any of the systems the app runs on.

/** Names that mean a device on Windows, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const FORBIDDEN = /[\u0000-\u001f\\:*?"<>|]/;
const MOST_BYTES = 255;

/** Why a relative path cannot be a file of an upload; undefined where it can. */
export function refusePath(path: string): string | undefined {
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'a path below its folder';
    if (FORBIDDEN.test(part) || DEVICE.test(part) || /[. ]$/.test(part)) return 'a name that every system can keep';
    if (Buffer.byteLength(part) > MOST_BYTES) return `names of at most ${MOST_BYTES} bytes`;
  }
  return undefined;
}

/** A folder's name as every system can keep it; what stands in for a name of which nothing is left is `images`. */
export function folderName(name: string): string {
  const kept = name
    .replaceAll(new RegExp(FORBIDDEN, 'g'), ' ')
    .replaceAll('/', ' ')
    .replace(/[. ]+$/, '')
    .replace(/^[. ]+/, '');
  return kept === '' || DEVICE.test(kept) ? 'images' : kept.slice(0, 80);
}
