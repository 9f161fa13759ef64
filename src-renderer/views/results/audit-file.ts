import type { AppState } from '../../state/app.svelte.ts';
import { saveFile } from './save-file.ts';

/** Gives the whole audit trail of the project as a file. */
export async function saveAudit(app: AppState, format: 'csv' | 'json'): Promise<void> {
  const text = await app.api.call('review.auditText', { format });
  const name = `${app.project?.name ?? ''} audit trail.${format}`.trim();
  saveFile(name, text, format === 'csv' ? 'text/csv' : 'application/json');
}
