import { button, type Scene } from '../scene.ts';

export const START_SCENES: readonly Scene[] = [
  { name: 'start-first-visit', project: 'nothing', show: (page) => button(page, 'Try it with a sample').waitFor() },
  {
    name: 'start-choose-folder',
    project: 'nothing',
    async show(page) {
      await button(page, 'Open project').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'start-drawing-the-sample',
    project: 'nothing',
    isAlone: true,
    async show(page, { freeze }) {
      await button(page, 'Try it with a sample').click();
      await page.getByText(/^[3-9] of \d+ steps/).waitFor();
      freeze();
    },
  },
  { name: 'start-recent', project: 'earlier', show: (page) => button(page, /^Cine hearts/).waitFor() },
  {
    name: 'start-damaged-project',
    project: 'earlier',
    async show(page) {
      await button(page, /^Follow-up/).click();
      await page.getByRole('alert').waitFor();
    },
  },
];
