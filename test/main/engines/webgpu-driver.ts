import { existsSync } from 'node:fs';

const CHROMIUM_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The Vulkan driver to test WebGPU with: the one named in the environment, or the software one of Debian's chromium. */
export function webgpuDriver(): { readonly file: string } | { readonly missing: string } {
  const file = process.env['VK_ICD_FILENAMES'] ?? CHROMIUM_DRIVER;
  if (existsSync(file)) return { file };
  return { missing: `no Vulkan driver at ${file} (install Debian's chromium and libvulkan1, or set VK_ICD_FILENAMES)` };
}
