// The report as a page: what was exported, measures against the truth, hearts, cases, who drew what, and the audit trail.
import type { CardiacFunction } from '../../../src-core/measure/cardiac.ts';
import type { AuditEntry } from '../../storage/audit-store.ts';
import type { RunRecord } from '../../storage/run-store.ts';
import { dotStrips, escapeHtml, htmlTable, PAGE_END, pageHead } from './html.ts';
import type { ReportMeasures, SplitReport } from './report-measures.ts';
import { countProvenance } from './report-tables.ts';

/** What the page is made of. */
export interface ReportPage {
  readonly title: string;
  readonly program: string;
  readonly measures: ReportMeasures;
  readonly notes: readonly string[];
  readonly states: Readonly<Record<string, number>>;
  readonly run: RunRecord | undefined;
  /** Undefined where it is not asked for. */
  readonly audit: { readonly total: number; readonly newest: readonly AuditEntry[] } | undefined;
  /** Other files of the report. */
  readonly tables: readonly string[];
}

/** The page, part by part. */
export function* reportPage(page: ReportPage): Generator<string> {
  yield pageHead(page.title);
  yield* overview(page);
  yield* againstTruth(page.measures);
  yield* hearts(page.measures);
  yield* cases(page.measures);
  yield* provenance(page);
  yield* audit(page);
  yield PAGE_END;
}

function* overview({ program, measures, notes, run, tables }: ReportPage): Generator<string> {
  const images = measures.cases.reduce((sum, each) => sum + each.images.length, 0);
  const patients = new Set(measures.cases.map(({ volume }) => volume.patient)).size;
  const rows = [
    ['Images', `${images} in ${measures.cases.length} cases of ${patients} patients`],
    ['Classes', measures.classes.join(', ')],
    ['Run', run ? `${run.id}, ${run.status}, begun ${run.created}` : 'none'],
    ['Program', program],
    ['Tables', tables.join(', ')],
  ];
  yield `<p class="notice">For research only. Not a medical device: nothing here is fit to decide on the care of a person.</p>\n`;
  yield `<dl>${rows.map(([name, text]) => `<dt>${escapeHtml(name!)}</dt><dd>${escapeHtml(text!)}</dd>`).join('')}</dl>\n`;
  for (const note of notes) yield `<p class="faint">${escapeHtml(note)}</p>\n`;
}

function* againstTruth({ splits }: ReportMeasures): Generator<string> {
  yield '<h2>Against the truth</h2>\n';
  if (splits.length === 0) {
    yield '<p>No image came with a mask to compare with.</p>\n';
    return;
  }
  yield '<p class="faint">DSC leaves out units with the class in neither mask; n counts those that remain. CR is false over true positive pixels. Undecided pixels count as background.</p>\n';
  for (const each of splits) yield* splitSection(each);
}

function* splitSection({ split, report }: SplitReport): Generator<string> {
  const { volumes, patients, slices } = report.counts;
  yield `<h3>Split ${split}: ${slices} slices in ${volumes} cases of ${patients} patients</h3>\n`;
  if (split === 'train') {
    yield '<p class="faint">A run trained on these images: their numbers say little about others.</p>\n';
  }
  const head = [
    'class',
    'DSC pooled',
    'per case (n)',
    'per slice (n)',
    'IoU',
    'precision',
    'recall',
    'CR',
    'HD95 mm (n)',
  ];
  yield* htmlTable(
    head,
    report.classes.map((each) => [
      each.name,
      fixed(each.dice.pooled, 3),
      `${fixed(each.dice.perVolume.value, 3) ?? '–'} (${each.dice.perVolume.counted})`,
      `${fixed(each.dice.perSlice.value, 3) ?? '–'} (${each.dice.perSlice.counted})`,
      fixed(each.intersectionOverUnion, 3),
      fixed(each.precision, 3),
      fixed(each.recall, 3),
      fixed(each.confusionRatio.pooled, 2),
      `${fixed(each.hausdorff95Mm.value, 1) ?? '–'} (${each.hausdorff95Mm.counted})`,
    ]),
  );
  const strips = report.classes.map(({ name }, index) => ({
    name,
    values: report.volumes.map(({ dice }) => dice[index]!),
  }));
  yield dotStrips(strips);
}

function* hearts({ hearts: found }: ReportMeasures): Generator<string> {
  if (found.length === 0) return;
  yield '<h2>Hearts</h2>\n<p class="faint">From the exported masks at end-diastole and end-systole. Without the size of a voxel only the ejection fraction is known.</p>\n';
  const ventricle = (name: string): string[] => [`${name} EDV mL`, 'ESV mL', 'SV mL', 'EF %'];
  const cells = ({ edvMl, esvMl, strokeVolumeMl, ejectionFraction }: CardiacFunction['lv']): (string | null)[] =>
    [edvMl, esvMl, strokeVolumeMl, ejectionFraction].map((value) => fixed(value, 1));
  yield* htmlTable(
    ['patient', 'reviewed', ...ventricle('LV'), ...ventricle('RV'), 'mass g'],
    found.map(({ patient, phases, function: heart }) => [
      patient,
      `${phases.reduce((sum, { reviewed }) => sum + reviewed, 0)} of ${phases.reduce((sum, { slices }) => sum + slices, 0)}`,
      ...(heart
        ? [...cells(heart.lv), ...cells(heart.rv), fixed(heart.myocardialMassG, 1)]
        : Array<null>(9).fill(null)),
    ]),
  );
}

function* cases({ classes, cases: all }: ReportMeasures): Generator<string> {
  yield '<h2>Cases</h2>\n';
  const hasMl = all.some(({ volumesMl }) => volumesMl !== null);
  const hasTruth = all.some(({ dice }) => dice !== null);
  const measures = classes.flatMap((name) => [
    hasMl ? `${name} mL` : `${name} pixels`,
    ...(hasTruth ? [`${name} DSC`] : []),
  ]);
  yield* htmlTable(
    ['case', 'patient', 'phase', 'split', 'images', 'automatic', 'semi-automatic', 'manual', ...measures],
    all.map(({ volume, images, volumesMl, dice }) => [
      ...[volume.id, volume.patient, volume.phase, volume.split, `${images.length} of ${volume.slices}`],
      ...Object.values(countProvenance(images)),
      ...classes.flatMap((_, index) => [
        hasMl ? fixed(volumesMl?.[index], 2) : images.reduce((sum, { pixels }) => sum + pixels[index]!, 0),
        ...(hasTruth ? [fixed(dice?.[index], 3)] : []),
      ]),
    ]),
  );
}

function* provenance({ measures, states, run }: ReportPage): Generator<string> {
  yield '<h2>Provenance</h2>\n<p class="faint">Automatic: a network drew the mask, and nobody changed it. Semi-automatic: a person corrected it. Manual: a person drew it.</p>\n';
  const images = measures.cases.flatMap((each) => each.images);
  yield* htmlTable(['mask', 'images'], Object.entries(countProvenance(images)));
  yield* htmlTable(['state', 'images of the project'], Object.entries(states));
  if (!run) return;
  const settings = JSON.stringify(run.configuration, undefined, 2);
  yield `<details><summary>Settings of ${escapeHtml(run.id)}</summary><pre>${escapeHtml(settings)}</pre></details>\n`;
}

function* audit({ audit: trail }: ReportPage): Generator<string> {
  if (!trail) return;
  const { total, newest } = trail;
  yield '<h2>Audit trail</h2>\n';
  if (total === 0) {
    yield '<p>Nobody has changed anything.</p>\n';
    return;
  }
  const shown =
    total > newest.length ? `The newest ${newest.length} of ${total} entries; audit.csv has all.` : `${total} entries.`;
  yield `<p class="faint">${shown}</p>\n`;
  yield* htmlTable(
    ['no.', 'when', 'who', 'what', 'image', 'detail'],
    newest.map(({ number, at, annotator, action, item, detail }) => [
      number,
      at,
      annotator,
      action,
      item ?? '',
      Object.entries(detail)
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', '),
    ]),
  );
}

function fixed(value: number | undefined, digits: number): string | null {
  return value === undefined || Number.isNaN(value) ? null : value.toFixed(digits);
}
