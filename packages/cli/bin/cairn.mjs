#!/usr/bin/env node
// Starts the bundle, which loads in a third of the time, and dist/ where there is none or where it is older than what
// was compiled last. Node 22.1 and later also keep compiled code between runs.
import module from 'node:module'
import { isCurrent } from '@cairn/cluster/is-current'

const bundle = new URL('../bundle/cairn.js', import.meta.url)

module.enableCompileCache?.()
await import(isCurrent(bundle) ? bundle.href : '../dist/bin.js')
