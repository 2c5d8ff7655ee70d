import { existsSync, readdirSync, statSync } from 'node:fs'

/**
 * Whether a package's bundle may be used. An installed one always: it came with the package. In a checkout packages are
 * compiled one by one, and a bundle of yesterday's code would be a trap.
 */
export function isCurrent(bundle) {
  if (!existsSync(bundle)) return false
  const packages = new URL('../../', bundle)
  if (!existsSync(new URL('../tsconfig.json', bundle))) return true
  const bundled = statSync(bundle).mtimeMs
  return readdirSync(packages).every((name) => {
    const built = statSync(new URL(`${name}/tsconfig.tsbuildinfo`, packages), { throwIfNoEntry: false })
    return built === undefined || built.mtimeMs <= bundled
  })
}
