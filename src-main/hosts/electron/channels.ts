/** Names of the channels between the page and the main process. */
export const CHANNELS = {
  call: 'unia:call',
  event: 'unia:event',
  chooseFolder: 'unia:choose-folder',
  revealFolder: 'unia:reveal-folder',
} as const;
