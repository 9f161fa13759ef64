// What the page may not do, following Electron's own security checklist. Each rule is a function over the part of Electron
// that it limits, so that a test can hold it to its word.
import type { Session, WebContents, WebPreferences } from 'electron';
import type { PrivacyFacts } from '../../../src-core/contract/settings.ts';
import { isOurPage } from './page-address.ts';

/** The page runs in a sandbox and reaches the services only by what the preload script names. */
export const WEB_PREFERENCES = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const satisfies WebPreferences;

/** Camera, location, notifications and all else: the page needs none of it. */
export function denyPermissions(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>,
): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
}

const INSIDE = new Set(['blob:', 'data:', 'devtools:']);
const REMEMBERED = 100;

/** While the person works offline, stops every request that does not go to the page itself. Nothing leaves the machine. */
export function blockNetwork(
  session: { readonly webRequest: Pick<Session['webRequest'], 'onBeforeRequest'> },
  isOffline: () => boolean,
): PrivacyFacts {
  const blocked: string[] = [];
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    const allowed = isOurPage(url) || INSIDE.has(URL.parse(url)?.protocol ?? '') || !isOffline();
    if (!allowed && blocked.push(url) > REMEMBERED) blocked.shift();
    decide({ cancel: !allowed });
  });
  return { blocked };
}

/** No other page in this window, no other window, no page within the page. */
export function keepInside(contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>): void {
  contents.on('will-navigate', (event) => {
    if (!isOurPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOurPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
