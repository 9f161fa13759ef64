import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { PROJECT_CALLS } from '../../../src-core/contract/project.ts';
import { startSample } from './sample.ts';
import type { Studio } from './studio.ts';

export function projectHandlers(studio: Studio): Handlers<AreaOf<typeof PROJECT_CALLS>> {
  return {
    'project.facts': () => studio.projectFacts(),
    'project.open': ({ directory }) => {
      studio.openProject(directory);
      return studio.projectFacts()!; // it is open now
    },
    'project.close': () => {
      studio.closeProject();
      return null;
    },
    'project.recent': () => studio.recent.list(),
    'project.forget': ({ directory }) => {
      studio.recent.forget(directory);
      return null;
    },
    'project.sample': () => startSample(studio),
  };
}
