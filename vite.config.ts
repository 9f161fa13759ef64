// Builds the page of src-renderer. Both hosts serve what it writes.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src-renderer',
  plugins: [svelte()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    // Everything the page needs comes with it; inlined assets would not pass its content security policy.
    assetsInlineLimit: 0,
  },
});
