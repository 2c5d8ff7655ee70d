'use strict'
// CommonJS, because the command's start needs it before it can afford the module loader.
const { existsSync, readdirSync, statSync } = require('node:fs')
const { dirname, join } = require('node:path')

/**
 * Whether a package's bundle may be used. An installed one always: it came with the package. In a checkout packages are
 * compiled one by one, and a bundle of yesterday's code would be a trap.
 */
exports.isCurrent = function isCurrent(bundle) {
  if (!existsSync(bundle)) return false
  const folder = dirname(dirname(bundle))
  if (!existsSync(join(folder, 'tsconfig.json'))) return true
  const packages = dirname(folder)
  const bundled = statSync(bundle).mtimeMs
  return readdirSync(packages).every((name) => {
    const built = statSync(join(packages, name, 'tsconfig.tsbuildinfo'), { throwIfNoEntry: false })
    return built === undefined || built.mtimeMs <= bundled
  })
}
