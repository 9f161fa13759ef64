/** The folder with package.json. The program runs from its sources and, packed, from dist/app. */
export const PROGRAM_ROOT = new URL(import.meta.url.endsWith('.js') ? '../../../' : '../', import.meta.url);
