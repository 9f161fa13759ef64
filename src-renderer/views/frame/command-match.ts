// Which actions the palette offers for what is typed. Scattered letters do not count: "slice" must not find "save the trail as CSV".

/** How well an action fits what is typed, 0 (not at all) to 1: every word has to be in its title or in the name of its group. */
export function matchOf(search: string, title = '', group = ''): number {
  const words = search.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const [named, grouped] = [title.toLocaleLowerCase(), group.toLocaleLowerCase()];
  return Math.min(1, ...words.map((word) => wordMatch(word, named, grouped)));
}

function wordMatch(word: string, title: string, group: string): number {
  if (title.startsWith(word)) return 1;
  const at = title.indexOf(word);
  if (at > 0) return /\p{L}/u.test(title[at - 1]!) ? 0.6 : 0.8;
  return group.includes(word) ? 0.3 : 0;
}
