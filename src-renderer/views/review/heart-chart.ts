// The volumes of a heart over its beat, as the measures panel draws them.
import type { ProjectClass } from '../../../src-core/contract/project.ts';
import type { HeartReport } from '../../../src-core/measure/heart-report.ts';
import { t } from '../../i18n/index.svelte.ts';
import type { ChartLine } from '../../ui/chart.ts';

/** What `Chart` is given. */
interface HeartChart {
  readonly x: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly yTitle: string;
  readonly fromZero: boolean;
  readonly height: number;
  readonly nameSpace: number;
  readonly showX: (value: number) => string;
  readonly showY: (value: number) => string;
}

/** mL; where the voxel size is not known, percent of each class's largest volume. Gaps where a phase lacks masks. */
export function heartChart({ phases, voxelMl }: HeartReport, classes: readonly ProjectClass[]): HeartChart {
  const factorOf = (place: number): number => {
    if (voxelMl !== null) return voxelMl;
    const largest = Math.max(...phases.map(({ voxels }) => voxels?.[place] ?? 0));
    return largest > 0 ? 100 / largest : 0;
  };
  return {
    x: phases.map((_, i) => i + 1),
    lines: classes.map(({ name, colour }, place) => ({
      ...{ name, colour, kind: 'marked' },
      y: phases.map(({ voxels }) => (voxels ? voxels[place]! * factorOf(place) : null)),
    })),
    ...{ yTitle: voxelMl === null ? t('review:ofLargest') : 'mL', fromZero: true, height: 150, nameSpace: 44 },
    showX: (value) => {
      const phase = phases[value - 1];
      return phase ? phase.name || String(value) : '';
    },
    showY: (value) => String(Math.round(value)),
  };
}
