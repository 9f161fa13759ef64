import { rm } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeLabels } from '../../../../src-core/labels/label-codec.ts';
import { patchOf } from '../../../../src-core/labels/patch.ts';
import { evaluateProject } from '../../../../src-main/services/evaluate.ts';
import { heartsOf } from '../../../../src-main/services/hearts.ts';
import { openImageData } from '../../../../src-main/services/image-data.ts';
import { Project } from '../../../../src-main/services/project.ts';
import { Review } from '../../../../src-main/services/review.ts';
import { exporter, maskProject, type Exporter } from '../../../support/mask-project.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../../support/predicted-project.ts';

type Row = Readonly<Record<string, string>>;

const MALLORY = '=HYPERLINK("x")<script>';

let phantom: PhantomProject;
let project: Project;
let run: string;
let exports: Exporter;
let accepted: string;
let drawn: string;

beforeAll(async () => {
  phantom = await phantomProject();
  project = Project.open(phantom.directory);
  run = await storePredictions(project);
  exports = exporter(project, phantom.folder);
  [accepted, drawn] = project.items.map(({ id }) => id) as [string, string];
  new Review(project, { annotator: 'Anna' }).decide([accepted], 'accept', 'looks right');
  const review = new Review(project, { annotator: MALLORY });
  const mask = decodeLabels(review.item(drawn).mask!);
  review.edit('brush', [{ item: drawn, patch: patchOf(mask, () => 3, { x: 0, y: 0, width: 2, height: 1 })! }]);
  review.decide([drawn], 'accept');
});
afterAll(async () => {
  project.close();
  await rm(phantom.folder, { recursive: true });
});

describe('the report', () => {
  it('is a page that loads nothing, and tables, one row a case, image and heart', async () => {
    const { summary, file, rows } = await report();
    expect(summary.files.map(({ path }) => path)).toEqual([
      ...['report.html', 'cases.csv', 'images.csv', 'measures.csv', 'hearts.csv', 'audit.csv'],
    ]);
    expect(await rows('cases.csv')).toHaveLength(project.volumes.length);
    expect(await rows('images.csv')).toHaveLength(project.items.length);
    expect(await rows('hearts.csv')).toHaveLength(5);
    const page = await file('report.html');
    expect(page).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<link|<img|src=|https?:/);
  });

  it('measures as an evaluation does, class by class and case by case', async () => {
    const { rows } = await report({ source: 'cam' });
    const { sources } = await evaluateProject(project, { split: 'test', source: 'cam' });
    const { classes, volumes } = sources[0]!.report;
    const measured = (await rows('measures.csv')).filter(({ split }) => split === 'test');
    expect(measured.map((row) => row['class'])).toEqual(['RV', 'MYO', 'LV']);
    for (const [index, { dice, precision, confusionRatio }] of classes.entries()) {
      const row = measured[index]!;
      expectNumber(row, 'DSC pooled', dice.pooled);
      expectNumber(row, 'DSC per case', dice.perVolume.value);
      expectNumber(row, 'precision', precision);
      expectNumber(row, 'CR pooled', confusionRatio.pooled);
    }
    const cases = new Map((await rows('cases.csv')).map((row) => [row['case'], row]));
    for (const { id, dice } of volumes) expectNumber(cases.get(id)!, 'RV DSC', dice[0]!);
  });

  it('counts pixels and millilitres of the masks that are exported', async () => {
    const { rows } = await report();
    const volume = project.volumes.at(-1)!;
    const data = openImageData(project);
    let pixels = 0;
    for (const { id } of project.items.filter((item) => item.volume === volume.id)) {
      pixels += (await data.truth(id))!.data.filter((label) => label === 3).length;
    }
    const row = (await rows('cases.csv')).at(-1)!;
    const { x, y, z } = volume.spacing!;
    expect(numberIn(row, 'LV pixels')).toBe(pixels);
    expectNumber(row, 'LV mL', (pixels * x * y * z) / 1000);
    const hearts = await heartsOf(project, { run });
    for (const [index, heart] of (await rows('hearts.csv')).entries()) {
      expectNumber(heart, 'LV EF %', hearts[index]!.function!.lv.ejectionFraction);
    }
  });

  it('says who drew each mask, and who changed it last', async () => {
    const { rows, file } = await report();
    const images = new Map((await rows('images.csv')).map((row) => [row['image'], row]));
    const whole = { mask: 'reviewed', provenance: 'automatic', state: 'accepted', 'changed by': 'Anna', run: '' };
    expect(images.get(accepted)).toMatchObject(whole);
    expect(images.get(drawn)).toMatchObject({ provenance: 'semi-automatic', state: 'corrected' });
    const other = { mask: 'segmentation', provenance: 'automatic', state: 'pending', 'changed by': '', run };
    expect(images.get(project.items.at(-1)!.id)).toMatchObject(other);
    expect(numberIn(images.get(drawn)!, 'LV DSC')).toBeLessThan(1);
    expect(await file('report.html')).toMatch(/>semi-automatic<\/th><td class="number">1</);
  });

  it('shows what people wrote as text, never as a formula or a tag', async () => {
    const { rows, file } = await report();
    const entries = await rows('audit.csv');
    expect(entries.map(({ annotator, action }) => [annotator, action])).toEqual([
      ['Anna', 'accept'],
      [`'${MALLORY}`, 'brush'],
      [`'${MALLORY}`, 'accept'],
    ]);
    expect(entries[0]).toMatchObject({ item: accepted, from: 'pending', to: 'accepted', reason: 'looks right' });
    expect(await file('report.html')).toContain('=HYPERLINK(&quot;x&quot;)&lt;script&gt;');
  });

  it('keeps the names of annotators out where that is asked', async () => {
    const { summary, file } = await report({ settings: { audit: false } });
    expect(summary.files.map(({ path }) => path)).not.toContain('audit.csv');
    for (const { path } of summary.files) expect(await file(path)).not.toMatch(/Anna|HYPERLINK/);
  });

  it('does without truth, voxel sizes and hearts', async () => {
    const pictures = await maskProject();
    const { summary, file } = await pictures.export({ format: 'report' });
    const cases = parse<Row>(await file('cases.csv'), { columns: true });
    expect(cases).toHaveLength(pictures.project.items.length);
    expect(cases[0]).toMatchObject({ 'cat mL': '', 'cat DSC': '', 'cat HD95 mm': '' });
    expect((await file('measures.csv')).toString().trim().split('\n')).toHaveLength(1);
    expect((await file('report.html')).toString()).toContain('No image came with a mask to compare with.');
    expect(summary.checks.filter(({ level }) => level === 'error')).toEqual([]);
    await pictures.remove();
  });
});

async function report(options: Partial<Parameters<Exporter['export']>[0]> = {}) {
  const { summary, file } = await exports.export({ format: 'report', ...options });
  return {
    summary,
    file: async (path: string) => (await file(path)).toString(),
    rows: async (path: string) => parse<Row>(await file(path), { columns: true }),
  };
}

function numberIn(row: Row, name: string): number {
  expect(row[name], name).toMatch(/^-?\d/);
  return Number(row[name]);
}

/** Tables have six digits, and nothing where there is no value. */
function expectNumber(row: Row, name: string, expected: number): void {
  expect(row[name], name).toBe(Number.isNaN(expected) ? '' : String(Number(expected.toPrecision(6))));
}
