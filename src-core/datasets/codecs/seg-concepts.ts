// Coded concepts of DICOM segments: SNOMED CT where the class is known by a usual name (CID 7151), else a private code.

/** A coded concept. */
export interface CodedConcept {
  readonly CodeValue: string;
  readonly CodingSchemeDesignator: string;
  readonly CodeMeaning: string;
}

/** CID 7150. */
export const ANATOMICAL_STRUCTURE = snomed('91723000', 'Anatomical Structure');
export const SPATIAL_CONCEPT = snomed('309825002', 'Spatial and Relational Concept');

export const SEGMENTATION_DERIVATION = dicom('113076', 'Segmentation');
export const SOURCE_IMAGE = dicom('121322', 'Source image for image processing operation');

/** Designator of codes that are ours; names beginning with 99 are free to use. */
const PRIVATE = '99UNIA';
/** A code value has at most 16 characters, a meaning 64. */
const MOST_VALUE = 16;
const MOST_MEANING = 64;

const KNOWN: readonly (readonly [names: RegExp, concept: CodedConcept])[] = [
  [/^(lv|left ventricle)( cavity)?$/i, snomed('87878005', 'Left ventricle')],
  [/^(rv|right ventricle)( cavity)?$/i, snomed('53085002', 'Right ventricle')],
  [/^(lv )?(myo|myocardium)$/i, snomed('49848007', 'Left Ventricle Myocardium')],
  [/^(la|left atrium)$/i, snomed('82471001', 'Left atrium')],
  [/^(ra|right atrium)$/i, snomed('73829009', 'Right atrium')],
  [/^heart$/i, snomed('80891009', 'Heart')],
  [/^lungs?$/i, snomed('39607008', 'Lung')],
  [/^liver$/i, snomed('10200004', 'Liver')],
  [/^spleen$/i, snomed('78961009', 'Spleen')],
  [/^kidneys?$/i, snomed('64033007', 'Kidney')],
  [/^prostate$/i, snomed('41216001', 'Prostate')],
  [/^brain$/i, snomed('12738006', 'Brain')],
];

/** What a class of this name is. */
export function conceptOf(name: string): { readonly type: CodedConcept; readonly isKnown: boolean } {
  const found = KNOWN.find(([names]) => names.test(name.trim()));
  if (found) return { type: found[1], isKnown: true };
  return { type: privateConcept(name), isKnown: false };
}

/** A concept under our own designator. */
export function privateConcept(name: string): CodedConcept {
  return {
    CodeValue: name.trim().slice(0, MOST_VALUE).trim(),
    CodingSchemeDesignator: PRIVATE,
    CodeMeaning: name.trim().slice(0, MOST_MEANING).trim(),
  };
}

function snomed(value: string, meaning: string): CodedConcept {
  return { CodeValue: value, CodingSchemeDesignator: 'SCT', CodeMeaning: meaning };
}

function dicom(value: string, meaning: string): CodedConcept {
  return { CodeValue: value, CodingSchemeDesignator: 'DCM', CodeMeaning: meaning };
}
