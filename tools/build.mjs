// Builds everything: generated messages, the native kernels where a C compiler is, TypeScript.
// Each step does nothing when its inputs have not changed, so `npm start` can always call it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command in the repository's root; ends this process with its status when it fails. */
export function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

/** The path of an executable that an npm package brought. */
export const bin = (name) => join(root, 'node_modules', '.bin', name)

export function build() {
  run(process.execPath, [join(root, 'packages/hadoop-proto/tools/generate.mjs')])
  run(process.execPath, [join(root, 'packages/checksum/tools/build-native.mjs')])
  run(process.execPath, [join(root, 'packages/erasure-coding/tools/build-native.mjs')])
  run(bin('tsc'), ['-b'])
  run(process.execPath, [join(root, 'tools/bundle.mjs')])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // A package installed from a registry has no tools to build with, and needs none.
  if (existsSync(bin('tsc'))) build()
}
