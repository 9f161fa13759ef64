// DICOM files from elements by keyword, through dcmjs: explicit little endian, nothing compressed.
import { data as dicom, log } from 'dcmjs';

log.setLevel('silent');

const EXPLICIT = '1.2.840.10008.1.2.1';
/** Stands for this program in files; made once from a random UUID, as PS3.5 B.2 allows. */
const IMPLEMENTATION = '2.25.290418174934718284061728391746501827364';

/** Bytes of a file. `elements` name the class and instance of what it holds. */
export function writeDicom(elements: Readonly<Record<string, unknown>>): Uint8Array {
  const { denaturalizeDataset } = dicom.DicomMetaDictionary;
  const meta = denaturalizeDataset({
    FileMetaInformationVersion: [new Uint8Array([0, 1]).buffer],
    MediaStorageSOPClassUID: elements['SOPClassUID'],
    MediaStorageSOPInstanceUID: elements['SOPInstanceUID'],
    TransferSyntaxUID: EXPLICIT,
    ImplementationClassUID: IMPLEMENTATION,
    ImplementationVersionName: 'UNIA',
  });
  const file = new dicom.DicomDict(meta);
  file.dict = denaturalizeDataset({ ...elements, _vrMap: { PixelData: 'OB' } });
  return new Uint8Array(file.write());
}
