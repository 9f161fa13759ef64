import type { ExportFormatName } from '../../../src-core/datasets/formats/export-formats.ts';
import type { ExportFormat } from './format.ts';

/** What makes the files of each format. Each is loaded when it is asked for. */
const FORMATS: { readonly [Name in ExportFormatName]: () => Promise<ExportFormat<Name>> } = {
  cityscapes: async () => (await import('./cityscapes.ts')).cityscapesFormat,
  coco: async () => (await import('./coco.ts')).cocoFormat,
  cvat: async () => (await import('./cvat.ts')).cvatFormat,
  datumaro: async () => (await import('./datumaro.ts')).datumaroFormat,
  'dicom-seg': async () => (await import('./dicom-seg.ts')).dicomSegFormat,
  hdf5: async () => (await import('./hdf5.ts')).hdf5Format,
  'label-studio': async () => (await import('./label-studio.ts')).labelStudioFormat,
  mitk: async () => (await import('./mitk.ts')).mitkFormat,
  nifti: async () => (await import('./nifti.ts')).niftiFormat,
  nnunet: async () => (await import('./nnunet.ts')).nnunetFormat,
  onnx: async () => (await import('./onnx.ts')).onnxFormat,
  png: async () => (await import('./png.ts')).pngFormat,
  report: async () => (await import('./report.ts')).reportFormat,
  voc: async () => (await import('./voc.ts')).vocFormat,
  yolo: async () => (await import('./yolo.ts')).yoloFormat,
};

/** The maker of a format. */
export function loadFormat<Name extends ExportFormatName>(name: Name): Promise<ExportFormat<Name>> {
  return FORMATS[name]();
}
