'use strict'
// Runs a CommonJS program with the code that V8 compiled the last time, from the user's cache folder: a cold `cairn ls`
// then neither parses nor compiles. (`module.enableCompileCache` does this from Node 22 on, for whole folders.)
const {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs')
const { homedir } = require('node:os')
const { basename, dirname, join } = require('node:path')
const vm = require('node:vm')

/** `tools/bundle.mjs` puts a hash of the program into its first line. */
const hashLine = /^\/\/ ([0-9a-f]{64})\n/

/** The user's own folder: V8 trusts this code, so nobody else may write there. */
function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cairn', 'code')
}

/**
 * V8 compares its version, its flags and the program's length with what the code was made of; that the program itself
 * is the same one is for its hash in the file's name to say. Each command has a file, because V8 compiles a function
 * when it is called first, so that each command leaves other functions compiled.
 */
function cacheFile(source) {
  const hash = hashLine.exec(source.slice(0, 80))?.[1]
  const command = /^[a-z]{1,12}$/.test(process.argv[2] ?? '') ? process.argv[2] : 'other'
  return hash && join(cacheFolder(), `${program()}-${hash.slice(0, 32)}-${command}`)
}

const program = () => `cairn-${process.version}-${process.arch}`

function read(file) {
  try {
    return readFileSync(file)
  } catch {
    // The first run, or no home folder.
    return undefined
  }
}

/** Written under another name first: two commands at once must not read each other's half-written file. */
function keep(file, code) {
  try {
    const folder = dirname(file)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    const build = basename(file).slice(0, file.lastIndexOf('-') - folder.length - 1)
    for (const name of readdirSync(folder)) {
      // Of builds that are no more.
      if (name.startsWith(program()) && !name.startsWith(build)) rmSync(join(folder, name), { force: true })
    }
    const partial = `${file}.${process.pid}`
    writeFileSync(partial, code, { mode: 0o600 })
    renameSync(partial, file)
  } catch {
    // Nowhere to keep it: the next start takes as long as this one.
  }
}

exports.runCached = function runCached(path) {
  // esbuild writes ASCII only, which Node reads fastest this way.
  const source = readFileSync(path, 'latin1')
  const file = cacheFile(source)
  const cachedData = file && read(file)
  const head = '(function(exports,require,module,__filename,__dirname,importModule){'
  const script = new vm.Script(`${head}${source}\n})`, { filename: path, cachedData })
  if (file && (cachedData === undefined || script.cachedDataRejected)) {
    // At the end, so that functions compiled on the way are in it too.
    process.once('exit', () => keep(file, script.createCachedData()))
  }
  const module = { exports: {} }
  const importModule = (name) => import(name)
  script.runInThisContext()(module.exports, require, module, path, dirname(path), importModule)
}
