#!/usr/bin/env node
// Starts the bundle, which loads in a third of the time, and dist/ where there is none or where it is older than what
// was compiled last. Node 22.1 and later also keep compiled code between runs.
import { existsSync, readdirSync, statSync } from 'node:fs'
import module from 'node:module'

const bundle = new URL('../bundle/cairn.js', import.meta.url)

/** In a checkout packages are compiled one by one, and a bundle of yesterday's code would be a trap. */
function isCurrent() {
  if (!existsSync(bundle)) return false
  if (!existsSync(new URL('../tsconfig.json', import.meta.url))) return true
  const bundled = statSync(bundle).mtimeMs
  const packages = new URL('../../', import.meta.url)
  return readdirSync(packages).every((name) => {
    const built = statSync(new URL(`${name}/tsconfig.tsbuildinfo`, packages), { throwIfNoEntry: false })
    return built === undefined || built.mtimeMs <= bundled
  })
}

module.enableCompileCache?.()
await import(isCurrent() ? bundle.href : '../dist/bin.js')
