// The application menu. Its own entries run actions of the page by their ids; the rest is what the platform knows by role.
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuOptions {
  readonly isMac: boolean;
  /** Developer tools only where the program runs from its sources. */
  readonly isDevelopment: boolean;
  /** Runs an action of the page. */
  readonly run: (action: string) => void;
}

export function menuTemplate({ isMac, isDevelopment, run }: MenuOptions): MenuItemConstructorOptions[] {
  const item = (label: string, action: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => run(action),
    ...(accelerator && { accelerator }),
  });
  const go = ['images', 'train', 'review', 'results', 'export', 'settings'].map((screen) =>
    item(`${screen[0]!.toUpperCase()}${screen.slice(1)}`, `go.${screen}`),
  );
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('Projects', 'go.start', 'CmdOrCtrl+O'),
        item('Import a Folder', 'go.import', 'CmdOrCtrl+N'),
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    { label: '&Go', submenu: go },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(isDevelopment ? ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    { role: 'windowMenu' },
    { label: '&Help', submenu: [item('Keys of This Screen', 'keys'), item('Commands', 'palette'), { role: 'about' }] },
  ];
}
