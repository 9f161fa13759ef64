// The input formats by name, and what each is for, in words.

/** What every importer reads, in the order they are asked. */
export const IMPORT_FORMATS = {
  acdc: 'cine hearts in the layout of the ACDC challenge',
  dicom: 'DICOM series of any nesting, with DICOM-SEG masks',
  nnunet: 'nnU-Net datasets: dataset.json, imagesTr, labelsTr; also the Medical Segmentation Decathlon’s',
  coco: 'COCO instances: run lengths, polygons or boxes',
  voc: 'Pascal VOC: palette masks, XML objects, image sets',
  yolo: 'YOLO: data.yaml, images and labels',
  cityscapes: 'Cityscapes: leftImg8bit and gtFine',
  cvat: 'CVAT for images 1.1: annotations.xml',
  datumaro: 'Datumaro: annotations and images',
  'label-studio': 'Label Studio: tasks with brush masks, polygons or choices',
  hdf5: 'HDF5 slices and volumes as SSL4MIS and WSL4MIS train on: image, label, scribble',
  nifti: 'NIfTI volumes with a table of tags or masks beside them',
  nrrd: 'NRRD volumes (.nrrd, .nhdr), likewise',
  metaimage: 'MetaImage volumes (.mha, .mhd), likewise',
  images:
    'PNG, JPEG, TIFF, WebP, GIF or AVIF images, stacks among them, in class folders, with a table of labels or masks beside them',
} as const;

/** Name of an input format. */
export type ImportFormat = keyof typeof IMPORT_FORMATS;
