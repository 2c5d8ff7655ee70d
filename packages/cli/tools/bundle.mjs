// Puts the command, the client and what they stand on into a few files, bundle/*.js: a cold `cairn ls` then reads three
// files instead of four hundred. Without a bundle bin/cairn.mjs runs dist/ as it is.
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const cli = dirname(dirname(fileURLToPath(import.meta.url)))

/** These find files beside themselves (the native kernel, programs of threads and processes), so they stay where they are. */
const external = ['@cairn/checksum', '@cairn/cluster']

/** Bundles packages/cli/dist into packages/cli/bundle; does nothing where esbuild is not installed. */
export async function bundle() {
  const outdir = join(cli, 'bundle')
  if (!existsSync(join(cli, 'dist/bin.js')))
    throw new Error(`bundle ${cli}: dist/bin.js is missing; build first`)
  const { build } = await import('esbuild')
  rmSync(outdir, { recursive: true, force: true })
  await build({
    entryPoints: { cairn: join(cli, 'dist/bin.js') },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    chunkNames: '[name]-[hash]',
    external,
    logLevel: 'warning',
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await bundle()
