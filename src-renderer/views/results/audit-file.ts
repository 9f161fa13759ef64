import type { AppState } from '../../state/app.svelte.ts';
import { saveFile } from './save-file.ts';

/** Gives the audit trail of the project as a file: the whole, or the reader's own part for who reads blind. */
export async function saveAudit(app: AppState, format: 'csv' | 'json'): Promise<void> {
  const text = await app.api.call('review.auditText', { format });
  const { name: project = '', blindReader = null } = app.project ?? {};
  const whose = blindReader === null ? '' : ` of ${blindReader}`;
  const name = `${project} audit trail${whose}.${format}`.trim();
  saveFile(name, text, format === 'csv' ? 'text/csv' : 'application/json');
}
