import type { ProjectFacts } from '../../src-core/contract/project.ts';
import { t } from '../i18n/index.svelte.ts';

/** Why nothing of a project can be changed, in words; empty where it can. */
export function whyReadOnly(project: ProjectFacts | null): string {
  return project?.readOnly ? `${t('frame:readOnly')} ${t(`frame:readOnlyBecause.${project.readOnly}`)}` : '';
}
