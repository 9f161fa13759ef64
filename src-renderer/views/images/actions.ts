import { t } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';

/** Classes that have a key of their own. */
export const KEYED_CLASSES = 9;
/** Keys of windows, in reading order: the left hand stays where it is. */
export const WINDOW_KEYS = [...'QWERTASDFGYUIOPHJL'];

export type ImagesAction =
  | `images.class${number}`
  | `images.window${number}`
  | `images.${'none' | 'clear' | 'undo' | 'redo' | 'all' | 'nothing' | 'search' | 'crops' | 'larger' | 'smaller' | 'next' | 'skip' | 'previous'}`;

interface ImagesActionFacts extends ActionFacts {
  readonly id: ImagesAction;
}

/** What works on the images screen. */
export function imagesActions(): readonly ImagesActionFacts[] {
  const images = { scope: 'images', group: t('frame:images') } as const;
  const windows = { scope: 'images', group: t('images:crops') } as const;
  return [
    ...Array.from({ length: KEYED_CLASSES }, (_, i) => ({
      ...{ ...images, id: `images.class${i + 1}` as const, title: t('images:tagNth', { n: i + 1 }) },
      keys: [String(i + 1)],
      changes: true,
    })),
    { ...images, id: 'images.none', title: t('images:none'), keys: ['0'], changes: true },
    { ...images, id: 'images.clear', title: t('images:clear'), keys: ['Backspace', 'Delete'], changes: true },
    { ...images, id: 'images.undo', title: t('images:undo'), keys: ['$mod+Z'], changes: true },
    { ...images, id: 'images.redo', title: t('images:redo'), keys: ['$mod+Shift+Z', '$mod+Y'], changes: true },
    { ...images, id: 'images.all', title: t('images:selectAll'), keys: ['$mod+A'] },
    { ...images, id: 'images.nothing', title: t('images:selectNothing'), keys: ['Escape'] },
    { ...images, id: 'images.search', title: t('images:search'), keys: ['/'] },
    { ...images, id: 'images.larger', title: t('images:larger'), keys: ['='] },
    { ...images, id: 'images.smaller', title: t('images:smaller'), keys: ['-'] },
    { ...images, id: 'images.crops', title: t('images:crops'), keys: ['K'] },
    { ...windows, id: 'images.next', title: t('images:nextSlice'), keys: ['Enter', 'Space'] },
    { ...windows, id: 'images.skip', title: t('images:skipSlice'), keys: ['ArrowRight'] },
    { ...windows, id: 'images.previous', title: t('images:previousSlice'), keys: ['ArrowLeft'] },
    ...WINDOW_KEYS.map((key, i) => ({
      ...{ ...windows, id: `images.window${i + 1}` as const, title: t('images:windowNth', { n: i + 1 }) },
      keys: [key],
      changes: true,
    })),
  ];
}
