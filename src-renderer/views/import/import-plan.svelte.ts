// What a person decides between looking at a folder and making a project of it.
import type { PlaceProblem, ScanChoices, ScanReport } from '../../../src-core/contract/import.ts';
import type { ParamsOf } from '../../../src-core/contract/contract.ts';
import type { Api } from '../../platform/api.ts';
import { chosenClasses, problemOf, rowsOf, type ClassRow } from './class-rows.ts';

export type SplitChoice = ParamsOf<'import.make'>['split'];
export type MaskUse = NonNullable<ParamsOf<'import.make'>['masks']>;

/** A fifth of the patients to test, a tenth of the others to validate. */
const USUAL_SPLIT: SplitChoice = { kind: 'shares', test: 0.2, validation: 0.1, seed: 0 };

export class ImportPlan {
  private readonly api: Api;
  report = $state.raw<ScanReport | null>(null);
  /** How to look at the folder the next time; the report was made with `lookedWith`. */
  choices = $state.raw<ScanChoices>({});
  private lookedWith = $state.raw<ScanChoices>({});
  rows = $state.raw<readonly ClassRow[]>([]);
  split = $state.raw<SplitChoice>(USUAL_SPLIT);
  masks = $state.raw<MaskUse>('truth');
  directory = $state('');
  placeProblem = $state.raw<PlaceProblem>(null);
  /** Whether the folder has to be looked at again before a project is made. */
  readonly isStale = $derived(JSON.stringify(this.choices) !== JSON.stringify(this.lookedWith));
  readonly hasRowProblem = $derived(this.rows.some((row) => problemOf(this.rows, row) !== undefined));
  readonly isReady = $derived(
    this.report !== null &&
      !this.isStale &&
      !this.hasRowProblem &&
      this.rows.some(({ kept }) => kept) &&
      this.placeProblem === null,
  );

  constructor(api: Api) {
    this.api = api;
  }

  /** Changes how to look; `undefined` leaves it to be detected. */
  choose(changes: { readonly [Key in keyof ScanChoices]?: ScanChoices[Key] | undefined }): void {
    const next = Object.entries({ ...this.choices, ...changes }).filter(([, value]) => value !== undefined);
    this.choices = Object.fromEntries(next); // the same fields, absent where undefined
  }

  /** Takes in what was found. Classes stay as the person made them while the same ones are found. */
  async take(report: ScanReport, choices: ScanChoices): Promise<void> {
    const same = this.report !== null && this.report.classes.join('\n') === report.classes.join('\n');
    if (!same) this.rows = rowsOf(report.classes);
    if (this.directory === '') {
      const name =
        report.source
          .split(/[/\\]/)
          .at(-1)
          ?.replace(/ images( \d+)?$/, '') ?? '';
      this.directory = await this.api.call('import.place', { name });
    }
    this.report = report;
    this.lookedWith = choices;
    await this.checkPlace();
  }

  async checkPlace(): Promise<void> {
    const { directory } = this;
    const problem = await this.api.call('import.checkPlace', { directory, source: this.report?.source ?? '' });
    if (directory === this.directory) this.placeProblem = problem;
  }

  /** What to ask of the services; a plan that is not ready has none. */
  request(): ParamsOf<'import.make'> | undefined {
    if (!this.report || !this.isReady) return undefined;
    const { directory, split, masks } = this;
    return { scan: this.report.id, directory, split, masks, classes: chosenClasses(this.rows) };
  }
}
