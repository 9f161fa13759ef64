import { existsSync } from 'node:fs';

const CHROMIUM_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Debian's place for the loader, which finds the driver; onnxruntime opens it by name. */
const LOADER = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libvulkan.so.1`;

/** The Vulkan driver to test WebGPU with: the one named in the environment, or the software one of Debian's chromium. */
export function webgpuDriver(): { readonly file: string } | { readonly missing: string } {
  const file = process.env['VK_ICD_FILENAMES'] ?? CHROMIUM_DRIVER;
  if (existsSync(file) && existsSync(LOADER)) return { file };
  return {
    missing: `no Vulkan driver at ${file} or no loader at ${LOADER} (install Debian's chromium and libvulkan1, or set VK_ICD_FILENAMES)`,
  };
}
