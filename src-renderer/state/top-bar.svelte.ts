// What the present screen adds to the top bar, such as the mark that its work is saved.
import { createContext, onDestroy, type Snippet } from 'svelte';

export class TopBarContent {
  snippet = $state.raw<Snippet | null>(null);
}

export const [useTopBar, provideTopBar] = createContext<TopBarContent>();

/** Shows a snippet in the top bar while the calling component lives. */
export function showInTopBar(snippet: Snippet): void {
  const bar = useTopBar();
  bar.snippet = snippet;
  onDestroy(() => {
    if (bar.snippet === snippet) bar.snippet = null;
  });
}
