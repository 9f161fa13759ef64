import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { ENGINE_CALLS } from '../../../src-core/contract/engine.ts';
import type { Studio } from './studio.ts';

export function engineHandlers(studio: Studio): Handlers<AreaOf<typeof ENGINE_CALLS>> {
  return {
    'engine.report': () => studio.engines.report(),
    'engine.test': () => studio.engines.test(),
  };
}
