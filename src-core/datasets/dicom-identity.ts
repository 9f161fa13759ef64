// Whose images they are. Patients become numbers, and what else would tell them apart stays out of the project.
import type { DicomDataset } from '../imaging/dicom-elements.ts';
import { hasValue, textOf } from '../imaging/dicom-elements.ts';
import type { PrivacySummary } from './importer.ts';

/**
 * Elements that may identify a person, by tag: those of the Basic Application Level Confidentiality Profile (PS3.15, table E.1-1)
 * that images usually carry.
 */
const IDENTIFYING: Readonly<Record<string, string>> = {
  '00080012': 'InstanceCreationDate',
  '00080013': 'InstanceCreationTime',
  '00080018': 'SOPInstanceUID',
  '00080020': 'StudyDate',
  '00080021': 'SeriesDate',
  '00080022': 'AcquisitionDate',
  '00080023': 'ContentDate',
  '00080030': 'StudyTime',
  '00080031': 'SeriesTime',
  '00080032': 'AcquisitionTime',
  '00080033': 'ContentTime',
  '00080050': 'AccessionNumber',
  '00080080': 'InstitutionName',
  '00080081': 'InstitutionAddress',
  '00080090': 'ReferringPhysicianName',
  '00081010': 'StationName',
  '00081030': 'StudyDescription',
  '0008103E': 'SeriesDescription',
  '00081040': 'InstitutionalDepartmentName',
  '00081048': 'PhysiciansOfRecord',
  '00081050': 'PerformingPhysicianName',
  '00081060': 'NameOfPhysiciansReadingStudy',
  '00081070': 'OperatorsName',
  '00081080': 'AdmittingDiagnosesDescription',
  '00081140': 'ReferencedImageSequence',
  '00100010': 'PatientName',
  '00100020': 'PatientID',
  '00100021': 'IssuerOfPatientID',
  '00100030': 'PatientBirthDate',
  '00100032': 'PatientBirthTime',
  '00100040': 'PatientSex',
  '00101000': 'OtherPatientIDs',
  '00101001': 'OtherPatientNames',
  '00101010': 'PatientAge',
  '00101020': 'PatientSize',
  '00101030': 'PatientWeight',
  '00101040': 'PatientAddress',
  '00102154': 'PatientTelephoneNumbers',
  '00102160': 'EthnicGroup',
  '00102180': 'Occupation',
  '001021B0': 'AdditionalPatientHistory',
  '00104000': 'PatientComments',
  '00181000': 'DeviceSerialNumber',
  '00181030': 'ProtocolName',
  '0020000D': 'StudyInstanceUID',
  '0020000E': 'SeriesInstanceUID',
  '00200010': 'StudyID',
  '00200052': 'FrameOfReferenceUID',
  '00204000': 'ImageComments',
  '00321060': 'RequestedProcedureDescription',
  '00400244': 'PerformedProcedureStepStartDate',
  '00400245': 'PerformedProcedureStepStartTime',
  '00400253': 'PerformedProcedureStepID',
  '00400254': 'PerformedProcedureStepDescription',
};

/** Private elements have an odd group. */
const PRIVATE = 'private elements';

/** Shorter parts of names and numbers occur in paths by chance. */
const SHORTEST = 3;
/** Names that files are given when they are made anonymous. */
const NOBODY = /^(?:anon|anonymous|anonymi[sz]ed|patient|phantom|test|unknown|none)$/;

/** Whether a path holds a part of the patient's name, or the number. */
function namesPatient(path: string, dataset: DicomDataset): boolean {
  const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const inPath = new Set(words(path));
  const name = words(textOf(dataset, '00100010')).filter((word) => /\p{L}/u.test(word));
  const number = words(textOf(dataset, '00100020')).join('');
  const named = name.some((word) => word.length >= SHORTEST && !NOBODY.test(word) && inPath.has(word));
  const isNumbered = number.length > SHORTEST && !NOBODY.test(number) && words(path).join('').includes(number);
  return named || isNumbered;
}

/** Counts what identifies patients in the files of a source. No value of any of it is kept. */
export class IdentityCount {
  private readonly files = new Map<string, number>();
  private burnedIn = 0;
  private inPaths = 0;

  /** Counts in one file. */
  take(path: string, dataset: DicomDataset, burnedIn: boolean): void {
    const found = Object.keys(IDENTIFYING).filter((tag) => hasValue(dataset, tag));
    for (const tag of found) this.add(IDENTIFYING[tag]!);
    if (Object.keys(dataset).some((tag) => Number.parseInt(tag.slice(0, 4), 16) % 2 === 1)) this.add(PRIVATE);
    if (burnedIn) this.burnedIn += 1;
    if (namesPatient(path, dataset)) this.inPaths += 1;
  }

  /** Sums up: what was left out of the project, and what stays. */
  summary(keepsIdentity: boolean): PrivacySummary {
    const dropped = [...this.files].map(([name, files]) => ({ name, files }));
    dropped.sort((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1));
    return {
      dropped,
      patients: keepsIdentity ? 'kept' : 'numbered',
      inPaths: this.inPaths,
      burnedIn: this.burnedIn,
    };
  }

  private add(name: string): void {
    this.files.set(name, (this.files.get(name) ?? 0) + 1);
  }
}

/** Name of each patient in the project: a number in the order given, or their own label where a person asks for it. */
export function namePatients(
  patients: readonly { readonly key: string; readonly label: string }[],
  keepsIdentity: boolean,
): Map<string, string> {
  const digits = Math.max(3, String(patients.length).length);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [index, { key, label }] of patients.entries()) {
    const number = `patient-${String(index + 1).padStart(digits, '0')}`;
    // Two patients may share an identifier of two hospitals.
    const name = !keepsIdentity || label === '' ? number : taken.has(label) ? `${label} (${number})` : label;
    taken.add(name);
    names.set(key, name);
  }
  return names;
}
