// A project with very many items, written straight into its tables: what lists cost does not depend on pictures.
import { encodeLabels } from '../../src-core/labels/label-codec.ts';
import { Project } from '../../src-main/services/project.ts';

/** Slices of one phase; two phases a patient. */
const SLICES = 10;

/**
 * Makes a project of `items` items (two phases of ten slices a patient) of three classes in an existing folder, all predicted by one
 * run, a tenth of them reviewed, half of them tagged.
 */
export function writeLargeProject(directory: string, items: number): void {
  const project = Project.create(directory, ['RV', 'MYO', 'LV']);
  const run = project.createRun({});
  const mask = encodeLabels({ width: 8, height: 8, data: new Uint8Array(64).fill(1, 0, 20) });
  project.write(() => {
    const { database } = project;
    const numbers = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT`;
    const volumes = items / SLICES;
    database.exec(`
      ${numbers} ${volumes / 2}) INSERT INTO patients (number, name, split)
        SELECT i + 1, printf('patient%05d', i + 1), CASE WHEN i % 5 = 0 THEN 'test' ELSE 'train' END FROM n;
      ${numbers} ${volumes}) INSERT INTO sources (number, relative_path, absolute_path, size, modified, checksum, kind)
        SELECT i + 1, printf('../images/site%d/patient%05d_%d.nii.gz', i % 7, i / 2 + 1, i % 2), '', 1, 1, 1, 'nifti' FROM n;
      ${numbers} ${volumes}) INSERT INTO volumes
          (number, id, patient, source, phase_index, phase, frame, slices, width, height, channels, low, high)
        SELECT i + 1, printf('patient%05d %s', i / 2 + 1, iif(i % 2, 'ES', 'ED')), i / 2 + 1, i + 1, i % 2, iif(i % 2, 'ES', 'ED'),
          1 + i % 2, ${SLICES}, 8, 8, 1, 0, 1 FROM n;
      ${numbers} ${items}) INSERT INTO items (number, id, volume, slice)
        SELECT i + 1, printf('patient%05d %s slice %d', i / ${2 * SLICES} + 1, iif(i / ${SLICES} % 2, 'ES', 'ED'), i % ${SLICES}),
          i / ${SLICES} + 1, i % ${SLICES} FROM n;
      INSERT INTO predictions (item, run, score, scores, suggested, disagreement, areas)
        SELECT number, 1, (number * 7919 % 10007) / 10007.0, '[1,0,1]', 'segmentation', (number * 31 % 101) / 101.0,
          json_array(40, number % 13, number % 7, number % 5) FROM items;
      INSERT INTO readings (item, reader, state, reason, annotator, at)
        SELECT number, 0, CASE number % 40 WHEN 0 THEN 'rejected' WHEN 10 THEN 'corrected' ELSE 'accepted' END, '', 'Anna', 'then'
        FROM items WHERE number % 10 = 0;
      UPDATE items SET state = (SELECT state FROM readings r WHERE r.item = items.number AND reader = 0) WHERE number % 10 = 0;
      INSERT INTO tags (item, present, origin)
        SELECT number, CASE number % 4 WHEN 0 THEN x'010001' ELSE x'000000' END, 'imported' FROM items WHERE number % 2 = 0;`);
    const insert = database.prepare(
      `INSERT INTO label_maps (item, kind, run, data) SELECT number, 'segmentation', 1, ? FROM items`,
    );
    insert.run(mask);
  });
  project.updateRun(run, 'finished');
  project.close();
}
