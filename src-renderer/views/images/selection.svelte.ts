// Which images are chosen, and which one the keyboard is at.

export class Selection {
  /** Place in the list that the keyboard is at. */
  active = $state(0);
  /** Ids of the chosen images. */
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range begins. */
  private anchor = 0;

  /** Goes to an image and chooses it alone. */
  only(ids: readonly string[], place: number): void {
    this.active = this.anchor = place;
    this.chosen = new Set(ids.slice(place, place + 1));
  }

  /** Goes to an image without choosing. */
  move(place: number): void {
    this.active = this.anchor = place;
  }

  /** Chooses all from where the range began. */
  extend(ids: readonly string[], place: number): void {
    this.active = place;
    const [from, to] = [Math.min(this.anchor, place), Math.max(this.anchor, place)];
    this.chosen = new Set(ids.slice(from, to + 1));
  }

  /** Adds an image to the chosen ones, or takes it away. */
  toggle(ids: readonly string[], place: number): void {
    this.move(place);
    this.toggleAll(ids.slice(place, place + 1));
  }

  /** Adds some images, or takes them away where all of them are chosen. */
  toggleAll(ids: readonly string[]): void {
    const chosen = new Set(this.chosen);
    const areAll = ids.every((id) => chosen.has(id));
    for (const id of ids) {
      if (areAll) chosen.delete(id);
      else chosen.add(id);
    }
    this.chosen = chosen;
  }

  all(ids: readonly string[]): void {
    this.chosen = new Set(ids);
  }

  none(): void {
    this.chosen = new Set();
  }
}
