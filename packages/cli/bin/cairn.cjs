#!/usr/bin/env node
'use strict'
// Starts the bundle with its compiled code of last time, and dist/ where there is no bundle or where it is older than
// what was compiled last. CommonJS, because Node starts such a program some 10 ms sooner than a module.
const { join } = require('node:path')
const { isCurrent } = require('@cairn/cluster/is-current')

const bundle = join(__dirname, '../bundle/cairn.cjs')

if (isCurrent(bundle)) require('./run-cached.cjs').runCached(bundle)
else import('../dist/bin.js')
