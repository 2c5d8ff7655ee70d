// Puts what must start quickly into a few files each: a cold `cairn ls` reads one file instead of four hundred, and
// an embedded cluster is up in half the time. Without a bundle bin/cairn.cjs and entry.mjs run dist/ as it is.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../packages/', import.meta.url))

/** Per package: its entry points, and what stays outside because it finds files beside itself or is rarely needed. */
const bundles = {
  // CommonJS: Node keeps compiled code only of such programs, on every version (packages/cli/bin/run-cached.cjs).
  cli: {
    entryPoints: { cairn: 'cli/dist/bin.js' },
    external: ['@cairn/cluster', '@cairn/datanode'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [{ name: 'own-url', setup: keepChecksumUrl }],
  },
  cluster: {
    entryPoints: {
      index: 'cluster/dist/index.js',
      // Programs of their own, found beside the bundle as they are found beside dist's files.
      'role-process': 'cluster/dist/roles/role-process.js',
      'checkpoint-worker': 'namenode/dist/journal/checkpoint-worker.js',
    },
    external: ['@cairn/checksum', '@cairn/erasure-coding', 'pino', 'prom-client'],
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
  },
}

/** The native checksum kernel is found beside the module that loads it: in a bundle that place has to be told. */
function keepChecksumUrl({ onLoad }) {
  onLoad({ filter: /checksum[\\/]dist[\\/]native-kernel\.js$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', "require.resolve('@cairn/checksum')"),
  }))
}

/**
 * What stays outside is imported by a function that the starter hands in: a script run from kept code cannot import by
 * itself. The first line names the program, so that compiled code is never taken for that of another.
 */
function finishCommonJs(file) {
  const text = readFileSync(file, 'utf8').replaceAll('import("', 'importModule("')
  writeFileSync(file, `// ${createHash('sha256').update(text).digest('hex')}\n${text}`)
}

/** When the newest package was compiled. */
function compiledMs() {
  const times = readdirSync(packages).map((name) => {
    return statSync(join(packages, name, 'tsconfig.tsbuildinfo'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  })
  return Math.max(...times)
}

/** Bundles what is older than the last compilation. */
export async function bundle() {
  const newest = compiledMs()
  for (const [name, options] of Object.entries(bundles)) {
    const outdir = join(packages, name, 'bundle')
    const first = join(
      outdir,
      `${Object.keys(options.entryPoints)[0]}${options.outExtension?.['.js'] ?? '.js'}`,
    )
    if (existsSync(first) && statSync(first).mtimeMs >= newest) continue
    const { build } = await import('esbuild')
    rmSync(outdir, { recursive: true, force: true })
    await build({
      absWorkingDir: packages,
      ...options,
      outdir,
      bundle: true,
      platform: 'node',
      target: 'node20',
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: 'warning',
    })
    if (options.format === 'cjs') finishCommonJs(first)
  }
}

/** Packages that people install alone: what is compiled goes without comments, and under 100 KiB together. */
const small = ['tnetstrings', 'petrichor']

/** Shortens compiled files in place, where the compiler has written them since the last time. */
export async function shrink() {
  for (const name of small) {
    const dist = join(packages, name, 'dist')
    const stamp = join(dist, '.shrunk')
    const doneMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const files = readdirSync(dist).filter((file) => /^(?!.*\.test\.).*\.js$/.test(file))
    const entryPoints = files
      .map((file) => join(dist, file))
      .filter((file) => statSync(file).mtimeMs > doneMs)
    if (entryPoints.length === 0) continue
    const { build } = await import('esbuild')
    await build({
      entryPoints,
      outdir: dist,
      allowOverwrite: true,
      format: 'esm',
      target: 'node20',
      minify: true,
      sourcemap: 'linked',
      logLevel: 'warning',
    })
    writeFileSync(stamp, '')
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await shrink()
  await bundle()
}
