// The layers of the project and the direction in which they may import (see docs/adr and the README's layout map).
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no order to read it in.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-imports-core-only',
      comment: 'src-core is numbers and values: no host, no screen.',
      severity: 'error',
      from: { path: '^src-core/' },
      to: { path: '^(src-main|src-renderer|test)/' },
    },
    {
      name: 'core-has-no-node',
      comment: 'src-core also runs in a browser worker: no node:*.',
      severity: 'error',
      from: { path: '^src-core/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-imports-pure-libraries-only',
      comment: 'Libraries that compute on values and touch nothing else. Add one here only if it is pure.',
      severity: 'error',
      from: { path: '^src-core/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'],
        pathNot: [
          'node_modules/@tensorflow/',
          'node_modules/(fflate|fast-png|fast-xml-parser|h5wasm|nifti-reader-js|onnx-proto|protobufjs|zod|csv-parse|yaml|@msgpack/msgpack|@thi.ng/rle-pack)/',
        ],
      },
    },
    {
      name: 'one-door-to-tfjs',
      comment: 'Everything else computes through src-core/tensor/index.ts, so that every operation is traceable.',
      severity: 'error',
      from: { path: '^src-', pathNot: ['^src-core/(tensor|compile)/', '^src-main/engines/'] },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'main-does-not-import-the-screen',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { path: '^(src-renderer|test)/' },
    },
    {
      name: 'screen-imports-core-only',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|test)/' },
    },
    {
      name: 'one-door-to-the-services',
      comment: 'Screens ask through platform/api.ts, so that every host serves the same page.',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: '^src-renderer/platform/' },
      to: { path: '^src-renderer/platform/socket' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node(-gpu)?$' },
    },
    {
      name: 'declared',
      comment: 'A library has to stand in package.json, or a clean install may lack it.',
      severity: 'error',
      from: { path: '^src-(core|main)/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
        dependencyTypesNot: ['type-only'],
        // Electron is what the packed app runs in, not a part of it.
        pathNot: 'node_modules/electron/',
      },
    },
    {
      name: 'page-declared',
      comment: 'What the page uses is bundled when it is built.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
