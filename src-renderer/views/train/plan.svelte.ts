// The plan of the next training, as the person puts it together.
import type { TrainingPlan } from '../../../src-core/contract/train.ts';

export type PlanLength = 'recipe' | 'minutes' | 'steps';

export const NOTHING = '';
export const WEIGHTS = 'weights file';

export class Plan {
  recipe = $state('');
  length = $state<PlanLength>('recipe');
  minutes = $state(10);
  steps = $state(1000);
  /** `NOTHING`, `WEIGHTS`, or a run. */
  from = $state(NOTHING);
  weights = $state('');
  settings = $state.raw<Readonly<Record<string, string>>>({});

  /** As the services take it. */
  get request(): TrainingPlan {
    const { recipe, length, minutes, steps, from, weights, settings } = this;
    return {
      recipe,
      settings,
      length: length === 'recipe' ? null : length === 'minutes' ? { minutes } : { iterations: steps },
      weights: from === WEIGHTS ? weights.trim() : null,
      from: from === NOTHING || from === WEIGHTS ? null : from,
    };
  }

  /** Whether there is all that it takes. */
  get isWhole(): boolean {
    if (this.from === WEIGHTS && this.weights.trim() === '') return false;
    if (this.length === 'minutes') return this.minutes > 0;
    return this.length === 'recipe' || (Number.isInteger(this.steps) && this.steps > 0);
  }

  set(name: string, value: string): void {
    this.settings = { ...this.settings, [name]: value };
  }

  takeBack(name: string): void {
    this.settings = Object.fromEntries(Object.entries(this.settings).filter(([key]) => key !== name));
  }
}
