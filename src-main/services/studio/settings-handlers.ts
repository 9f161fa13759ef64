import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { SETTINGS_CALLS } from '../../../src-core/contract/settings.ts';
import { listFolder } from './folder-listing.ts';
import type { Studio } from './studio.ts';

export function settingsHandlers(studio: Studio): Handlers<AreaOf<typeof SETTINGS_CALLS>> {
  return {
    'settings.read': () => studio.settings(),
    'settings.write': (changes) => studio.changeSettings(changes),
    'host.facts': () => studio.facts,
    'host.privacy': () => studio.privacy,
    'host.folder': ({ directory }) => listFolder(directory),
  };
}
