// Builds the app's main process: each source file becomes one of the same name, so that paths between them stay as they are.
// Libraries stay in node_modules, where their native parts are.
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) =>
  mode === 'preload'
    ? {
        build: {
          ssr: 'src-main/hosts/electron/preload.ts',
          outDir: 'dist/app/src-main/hosts/electron',
          emptyOutDir: false,
          // A sandboxed preload script is one CommonJS file that can load nothing but Electron.
          rolldownOptions: { external: ['electron'], output: { format: 'cjs', entryFileNames: 'preload.cjs' } },
        },
        ssr: { noExternal: true },
      }
    : {
        build: {
          ssr: true,
          outDir: 'dist/app',
          emptyOutDir: true,
          target: 'node24',
          minify: false,
          rolldownOptions: {
            input: {
              'src-main/hosts/electron/main': 'src-main/hosts/electron/main.ts',
              'src-main/worker/worker': 'src-main/worker/worker.ts',
            },
            output: { format: 'es', preserveModules: true, preserveModulesRoot: '.', entryFileNames: '[name].js' },
          },
        },
      },
);
