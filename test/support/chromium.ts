// The browser that tests, benches and screenshots drive.
export const CHROMIUM = process.env['UNIA_CHROMIUM'] ?? '/usr/bin/chromium';

/** Nothing but our own server is reachable, and the browser must not wait for anything else; drawn by the processor. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
