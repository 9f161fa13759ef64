// What affinity grow needs of an item, read when the tool is first taken up on it.
import { prepareGrow, type GrowModel } from '../../src-core/review/affinity-grow.ts';
import { t } from '../i18n/index.svelte.ts';
import { CallError, type Api } from '../platform/api.ts';
import type { OpenItem } from './review-item.svelte.ts';

/** Models that are kept: some megabytes each. */
const KEPT = 8;

export class Growth {
  /** Item that is being read. */
  reading = $state.raw<OpenItem | null>(null);
  /** Least recently made first. */
  private kept = $state.raw<readonly { readonly item: OpenItem; readonly model: GrowModel }[]>([]);
  private readonly api: Api;

  constructor(api: Api) {
    this.api = api;
  }

  /** Undefined until it is read. */
  of(item: OpenItem): GrowModel | undefined {
    return this.kept.find((each) => each.item === item)?.model;
  }

  async ensure(item: OpenItem): Promise<void> {
    if (this.reading === item || this.of(item)) return;
    this.reading = item;
    try {
      const affinity = await this.api.call('picture.affinity', { item: item.id });
      const model = prepareGrow(item.picture, item.intensities, affinity);
      this.kept = [...this.kept.slice(1 - KEPT), { item, model }];
    } catch (error) {
      if (error instanceof CallError && error.kind === 'no-run') throw new Error(t('review:growNeedsRun'));
      throw error;
    } finally {
      if (this.reading === item) this.reading = null;
    }
  }
}
