// Where the images of a grid stand: rows of tiles under a heading for each group.

/** Images of a list that share a heading. */
export interface Group {
  readonly name: string;
  readonly count: number;
}

/** A row of the grid. Images go by their place in the list; `to` is the one after the last. */
export type GridRow =
  | { readonly kind: 'heading'; readonly group: Group; readonly from: number; readonly to: number }
  | { readonly kind: 'tiles'; readonly from: number; readonly to: number };

/** The rows of a grid. A hundred thousand images have some ten thousand rows, none of which is made before it is seen. */
export class GridRows {
  readonly columns: number;
  readonly count: number;
  private readonly groups: readonly Group[];
  private readonly hasHeadings: boolean;
  /** First row and first image of each group, and those after the last. */
  private readonly firstRow: Int32Array;
  private readonly firstImage: Int32Array;

  /** @param groups - none for a grid without headings */
  constructor(total: number, groups: readonly Group[], columns: number) {
    this.columns = columns;
    this.hasHeadings = groups.length > 0;
    this.groups = this.hasHeadings ? groups : [{ name: '', count: total }];
    this.firstRow = new Int32Array(this.groups.length + 1);
    this.firstImage = new Int32Array(this.groups.length + 1);
    this.groups.forEach(({ count }, i) => {
      this.firstImage[i + 1] = this.firstImage[i]! + count;
      this.firstRow[i + 1] = this.firstRow[i]! + Math.ceil(count / columns) + (this.hasHeadings ? 1 : 0);
    });
    this.count = this.firstRow.at(-1)!;
  }

  row(index: number): GridRow {
    const at = lastAtMost(this.firstRow, index, this.groups.length);
    const group = this.groups[at]!;
    const first = this.firstImage[at]!;
    const end = this.firstImage[at + 1]!;
    const line = index - this.firstRow[at]! - (this.hasHeadings ? 1 : 0);
    if (line < 0) return { kind: 'heading', group, from: first, to: end };
    const from = first + line * this.columns;
    return { kind: 'tiles', from, to: Math.min(end, from + this.columns) };
  }

  /** Row that an image stands in. */
  rowOf(image: number): number {
    const at = lastAtMost(this.firstImage, image, this.groups.length);
    const line = Math.floor((image - this.firstImage[at]!) / this.columns);
    return this.firstRow[at]! + line + (this.hasHeadings ? 1 : 0);
  }

  /** The image above or below one, in its column or the last one of a shorter row; itself where there is none. */
  beside(image: number, lines: 1 | -1): number {
    const row = this.rowOf(image);
    const here = this.row(row);
    for (let next = row + lines; next >= 0 && next < this.count; next += lines) {
      const there = this.row(next);
      if (there.kind === 'tiles') return Math.min(there.from + image - here.from, there.to - 1);
    }
    return image;
  }
}

/** Index of the last of `count` rising values that is no more than `value`; of equal ones (empty groups) the last. */
function lastAtMost(values: Int32Array, value: number, count: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (values[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
