// Where the person is. The place stands in the address, so that a reload comes back to it.
import { createContext } from 'svelte';

export const SCREENS = ['start', 'import', 'images', 'train', 'review', 'results', 'export', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

/** The screens of the rail, in its order. */
export const RAIL = ['images', 'train', 'review', 'results', 'export', 'settings'] as const satisfies readonly Screen[];

export class Navigation {
  screen = $state<Screen>('start');
  /** What the place says beside the screen, such as the item under review. */
  details = $state.raw<Readonly<Record<string, string>>>({});
  /** Whether the page was opened without a place, so that the app may choose one. */
  readonly isFree = window.location.hash === '';

  constructor() {
    this.read();
    window.addEventListener('hashchange', () => this.read());
  }

  /** Goes to a screen. */
  go(screen: Screen, details: Readonly<Record<string, string>> = {}): void {
    const query = new URLSearchParams(details).toString();
    window.location.hash = query ? `/${screen}?${query}` : `/${screen}`;
    this.read();
  }

  /** Notes details of the present place without a step in the history. */
  note(details: Readonly<Record<string, string>>): void {
    const query = new URLSearchParams(details).toString();
    window.history.replaceState(null, '', query ? `#/${this.screen}?${query}` : `#/${this.screen}`);
    this.details = details;
  }

  private read(): void {
    const [name = '', query = ''] = window.location.hash.replace(/^#\/?/, '').split('?');
    this.screen = SCREENS.find((screen) => screen === name) ?? 'start';
    this.details = Object.fromEntries(new URLSearchParams(query));
  }
}

export const [useNavigation, provideNavigation] = createContext<Navigation>();
