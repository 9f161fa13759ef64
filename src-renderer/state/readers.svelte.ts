// Who reads the project beside the first reader, and which of them the person at the screen is.
import type { SecondReaderFacts } from '../../src-core/contract/second-reader.ts';
import type { AppState } from './app.svelte.ts';

export class Readers {
  /** In the order they began. */
  second = $state.raw<readonly SecondReaderFacts[]>([]);
  /** Names of those who made the first reading. */
  first = $state.raw<readonly string[]>([]);
  private readonly app: AppState;
  /** The second reader that the person at the screen is; undefined where they are none. */
  readonly own = $derived.by(() => this.find(this.app.settings.annotator.trim()));

  constructor(app: AppState) {
    this.app = app;
  }

  find(name: string | undefined): SecondReaderFacts | undefined {
    return this.second.find((reader) => reader.name === name);
  }

  async load(): Promise<void> {
    const [second, first] = await Promise.all([
      this.app.api.call('second.readers', {}),
      this.app.api.call('second.firstReaders', {}),
    ]);
    this.second = second;
    this.first = first;
  }

  /** Takes up a second reading, or changes how it is read. */
  async begin(name: string, isBlind: boolean): Promise<void> {
    this.second = await this.app.api.call('second.begin', { name, isBlind });
  }

  /** The person at the screen goes by this name from now on. */
  async signAs(name: string): Promise<void> {
    if (this.app.settings.annotator !== name) await this.app.changeSettings({ annotator: name });
  }
}
