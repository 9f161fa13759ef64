// Every action of the program, with its words and keys. The palette finds them, the key sheet lists them, keys run them.
import { createContext, onDestroy } from 'svelte';
import { matchKeybindingPress, parseKeybinding } from 'tinykeys';
import type { AppState } from './app.svelte.ts';
import type { Screen } from './navigation.svelte.ts';
import { whyReadOnly } from './read-only.ts';

/** What the settings say of an action, whether its screen is open or not. */
export interface ActionFacts {
  /** Stands in the settings: `review.accept`. */
  readonly id: string;
  /** In the person's language. */
  readonly title: string;
  /** Heading it stands under in the key sheet. */
  readonly group: string;
  /** Shortcuts in tinykeys' words (`$mod+K`, `[Shift]+?`), alternatives in a row. */
  readonly keys: readonly string[];
  /** Where it works. */
  readonly scope: Screen | 'everywhere';
  /** Whether it changes the project: one that is read-only does not take it. */
  readonly changes?: boolean;
}

/** Something a person can do by name or by key. */
export interface Action extends ActionFacts {
  readonly run: () => void;
  /** For keys that are held: what happens when the key is let go. */
  readonly release?: () => void;
  /** Also while a text is being typed. */
  readonly whileTyping?: boolean;
  /** Left out of the palette, where it would make no sense. */
  readonly keysOnly?: boolean;
  readonly enabled?: () => boolean;
}

const SEPARATOR = ' | ';

/** The actions that exist at the moment. */
export class Actions {
  private readonly app: AppState;
  private readonly onrefused: (why: string) => void;
  /** What was added and not taken away. No state: while a component is torn down, state reads as it was before. */
  private readonly added = new Set<readonly Action[]>();
  private sets = $state.raw<readonly (readonly Action[])[]>([]);
  private held: readonly Action[] = [];
  private silences = 0;
  readonly all = $derived(this.sets.flat());

  /** @param onrefused - hears why nothing can be changed, where somebody wanted to */
  constructor(app: AppState, onrefused: (why: string) => void) {
    this.app = app;
    this.onrefused = onrefused;
  }

  /** Adds actions until the returned function is called. */
  add(actions: readonly Action[]): () => void {
    this.added.add(actions);
    this.sets = [...this.added];
    return () => {
      this.added.delete(actions);
      this.sets = [...this.added];
      this.held = this.held.filter((action) => !actions.includes(action));
    };
  }

  /** Leaves the keyboard to a dialog until the returned function is called. */
  silence(): () => void {
    this.silences++;
    return () => void this.silences--;
  }

  find(id: string): Action | undefined {
    return this.all.find((action) => action.id === id);
  }

  run(id: string): void {
    const action = this.find(id);
    if (action && this.isRefused(action)) this.onrefused(whyReadOnly(this.app.project));
    else if (action && this.isEnabled(action)) action.run();
  }

  /** Whether an action can be done now. */
  isEnabled(action: Action): boolean {
    return !this.isRefused(action) && (action.enabled?.() ?? true);
  }

  /** Keys of an action: the person's own, else the usual ones. */
  keysOf(action: Pick<Action, 'id' | 'keys'>): readonly string[] {
    const own = this.app.settings.shortcuts[action.id];
    if (own === undefined) return action.keys;
    return own === '' ? [] : own.split(SEPARATOR);
  }

  /** The first key of an action, as it stands on a keyboard; empty where it has none. */
  hint(id: string): string {
    const action = this.find(id);
    const key = action && this.keysOf(action)[0];
    return key ? showKeys(key) : '';
  }

  /** Other actions that the same keys would stand for where this one works. */
  conflicts(action: ActionFacts, keys: string, among: readonly ActionFacts[]): readonly ActionFacts[] {
    return among.filter(
      (other) =>
        other.id !== action.id &&
        (other.scope === action.scope || other.scope === 'everywhere' || action.scope === 'everywhere') &&
        this.keysOf(other).some((each) => sameKeys(each, keys)),
    );
  }

  /** Gives an action other keys; `undefined` brings the usual ones back. */
  async rebind(id: string, keys: readonly string[] | undefined): Promise<void> {
    const { [id]: _old, ...others } = this.app.settings.shortcuts;
    const shortcuts = keys === undefined ? others : { ...others, [id]: keys.join(SEPARATOR) };
    await this.app.changeSettings({ shortcuts });
  }

  /** Runs what a key stands for; true where it stood for something. */
  keyDown(event: KeyboardEvent, screen: Screen): boolean {
    if (this.silences > 0 || belongsToControl(event)) return false;
    const typing = isTyping(event.target);
    const action = this.all.find(
      (each) =>
        (each.scope === screen || each.scope === 'everywhere') &&
        (!typing || each.whileTyping) &&
        this.keysOf(each).some((keys) => matches(event, keys)) &&
        (this.isEnabled(each) || this.isRefused(each)),
    );
    if (!action) return false;
    event.preventDefault();
    if (this.isRefused(action)) {
      if (!event.repeat) this.onrefused(whyReadOnly(this.app.project));
      return true;
    }
    if (action.release && event.repeat) return true;
    if (action.release) this.held = [...this.held, action];
    action.run();
    return true;
  }

  /** Whether an action would change a project that is read-only. */
  private isRefused({ changes = false }: Action): boolean {
    return changes && Boolean(this.app.project?.readOnly);
  }

  keyUp(event: KeyboardEvent): void {
    const freed = this.held.filter((action) => this.keysOf(action).some((keys) => matches(event, keys, true)));
    this.held = this.held.filter((action) => !freed.includes(action));
    for (const action of freed) action.release?.();
  }

  /** The window lost the keyboard: held keys will not be heard when they are let go. */
  releaseAll(): void {
    const { held } = this;
    this.held = [];
    for (const action of held) action.release?.();
  }
}

export const [useActions, provideActions] = createContext<Actions>();

/** Offers actions while the calling component lives. */
export function offerActions(actions: readonly Action[]): void {
  onDestroy(useActions().add(actions));
}

/** "Ctrl+K" for `$mod+K`. */
export function showKeys(keys: string): string {
  const isMac = navigator.platform.startsWith('Mac');
  const names: Readonly<Record<string, string>> = {
    $mod: isMac ? '⌘' : 'Ctrl',
    Control: 'Ctrl',
    ArrowUp: '↑',
    ArrowDown: '↓',
    ArrowLeft: '←',
    ArrowRight: '→',
    Escape: 'Esc',
    Space: 'Space',
    BracketLeft: '[',
    BracketRight: ']',
    Backslash: '\\',
    Backquote: '`',
    Semicolon: ';',
    Quote: "'",
    Minus: '−',
    Equal: '+',
    Comma: ',',
    Period: '.',
  };
  return keys
    .split('+')
    .filter((part) => !part.startsWith('[') || part === '[')
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part.replace(/^(?:Key|Digit)/, '')))
    .join('+');
}

/** The shortcut that a key press would be; undefined while only modifiers are held. */
export function keysOfEvent(event: KeyboardEvent): string | undefined {
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(event.key)) return undefined;
  const isLetter = /^[a-z0-9]$/i.test(event.key);
  const isNamed = event.key.length > 1;
  const main = event.key === ' ' ? 'Space' : isLetter ? event.key.toUpperCase() : event.key;
  const modifiers = [
    ...(event.ctrlKey || event.metaKey ? ['$mod'] : []),
    ...(event.altKey ? ['Alt'] : []),
    // For signs such as "?", where Shift is needed differs from keyboard to keyboard.
    ...(event.shiftKey ? [isLetter || isNamed ? 'Shift' : '[Shift]'] : []),
  ];
  return [...modifiers, main].join('+');
}

function sameKeys(one: string, other: string): boolean {
  const plain = (keys: string): string => keys.replace('[Shift]+', '').toLowerCase();
  return plain(one) === plain(other);
}

function matches(event: KeyboardEvent, keys: string, anyModifiers = false): boolean {
  const [press] = parseKeybinding(keys);
  if (!press) return false;
  return matchKeybindingPress(event, anyModifiers ? [[], ['Shift', 'Control', 'Alt', 'Meta'], press[2]] : press);
}

/** Whether a key works the control that has the focus: a button is pressed, a slider moved, a list chosen from. */
function belongsToControl({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement) || ctrlKey || metaKey || altKey) return false;
  if (target instanceof HTMLSelectElement) return true;
  if (key === 'Enter' || key === ' ') return target.matches('button, a[href], summary, [role="button"], input');
  const moves = /^(?:Arrow|Home$|End$|Page)/.test(key);
  return moves && target.matches('input, [role="slider"], [role="listbox"], [role="tab"]');
}

/** Whether keys belong to a text field. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range', 'color'].includes(target.type);
}
