import type { ExportFormat } from './format.ts';

/** Formats by name. Each is loaded when it is asked for. */
const FORMATS: Readonly<Record<string, () => Promise<ExportFormat>>> = {
  nifti: async () => (await import('./nifti.ts')).niftiFormat,
  onnx: async () => (await import('./onnx.ts')).onnxFormat,
  png: async () => (await import('./png.ts')).pngFormat,
};

/** Names that `--format` takes. */
export const EXPORT_FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

/** The format of a name. */
export async function loadFormat(name: string): Promise<ExportFormat> {
  const load = FORMATS[name];
  if (!load) throw new Error(`format: expected one of ${EXPORT_FORMAT_NAMES.join(', ')}, got "${name}"`);
  return load();
}
