// The browser that tests, benches and screenshots drive.
export const CHROMIUM = process.env['UNIA_CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * Nothing but our own server is reachable, and the browser must not wait for anything else. Where there is no graphics card it draws
 * WebGL in software by itself, and is much faster than when it is forced to put the whole page together in the same way.
 */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
