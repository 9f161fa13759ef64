import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/** What the core must be given instead of reaching for it: output, randomness, time, the process. */
const HOST_GLOBALS = [
  'console',
  'process',
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'fetch',
  'window',
  'document',
].map((name) => ({ name, message: 'src-core is numbers and values: take it as a parameter from the host.' }));

const NETWORK_GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
  name,
  message: 'Nothing leaves the machine: services speak to no network.',
}));

const NETWORK_MODULES = ['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns', 'dns/promises'].flatMap((name) =>
  [`node:${name}`, name].map((each) => ({
    name: each,
    allowTypeImports: true,
    message: 'Nothing leaves the machine: services speak to no network.',
  })),
);

const NO_DEFAULT = { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing.' };

/** Whoever reads a message may sit at the app: options and commands are said by the command line (src-main/cli/advice.ts). */
const COMMAND_LINE = String.raw`/(^|[\s"(])--[a-z][a-z-]*(?![a-z-]*[:)])|\bunia (train|predict|import|export|evaluate|ablate) /`;
const NO_COMMAND_LINE = [`Literal[value=${COMMAND_LINE}]`, `TemplateElement[value.raw=${COMMAND_LINE}]`].map(
  (selector) => ({ selector, message: 'Options belong to the command line: throw an AdvisedError.' }),
);

export default defineConfig(
  globalIgnores(['node_modules/', 'dist/', 'release/', 'coverage/', 'demo/', 'test/fixtures/']),
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-else-return': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', NO_DEFAULT],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // Props are destructured with let where one of them is bound.
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { excludedRunes: ['$props', '$derived', '$state'] }],
      // Maps and sets here are values that are replaced whole, not changed.
      'svelte/prefer-svelte-reactivity': 'off',
      // Pages are shown by state; there is no router whose links could be resolved.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['src-core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...HOST_GLOBALS],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take a seeded Random, so that runs repeat.' },
      ],
    },
  },
  {
    // Nothing leaves the machine: no service speaks to a network. `unia serve` listens, on 127.0.0.1 only.
    files: ['src-main/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...NETWORK_GLOBALS],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            ...NETWORK_MODULES,
            { name: 'electron', allowTypeImports: true, message: 'Only the two entries of the app load Electron.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src-main/hosts/serve/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: NETWORK_MODULES.filter(({ name }) => name !== 'node:http') },
      ],
    },
  },
  {
    // The app's entries take from Electron what they need and nothing that reports, updates, asks the network or runs programs.
    files: ['src-main/hosts/electron/{main,preload}.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            ...NETWORK_MODULES,
            {
              name: 'electron',
              importNames: ['crashReporter', 'autoUpdater', 'net', 'webContents', 'BrowserView', 'WebContentsView'],
              message: 'The app sends no reports, fetches no updates and shows one page.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src-core/**/*.ts', 'src-main/{services,storage,worker}/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_DEFAULT, ...NO_COMMAND_LINE] },
  },
  {
    // vite and vitest read their configuration from a default export.
    files: ['vitest.config.ts', 'vite.config.ts', 'vite.app.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Assertions reach into values that the test itself has just made.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
