// Writes src/gen/*.ts from proto/*.proto: `node packages/hadoop-proto/tools/generate.mjs [--force]`.
// Does nothing, and loads nothing but Node itself, when neither the .proto files nor these tools have changed.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const tools = dirname(fileURLToPath(import.meta.url))
const protoDir = join(dirname(tools), 'proto')
const genDir = join(dirname(tools), 'src', 'gen')
const stampFile = join(genDir, '.stamp')

function inputStamp() {
  const hash = createHash('sha256')
  for (const dir of [protoDir, tools]) {
    for (const name of readdirSync(dir).sort()) hash.update(`${name}\n`).update(readFileSync(join(dir, name)))
  }
  return hash.digest('hex')
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8')
  } catch {
    return ''
  }
}

const stamp = inputStamp()
if (readStamp() !== stamp || process.argv.includes('--force')) {
  const { generate } = await import('./emit-files.mjs')
  const files = generate(protoDir)
  mkdirSync(genDir, { recursive: true })
  for (const name of readdirSync(genDir)) if (!files.has(name)) rmSync(join(genDir, name))
  for (const [name, text] of files) writeFileSync(join(genDir, name), text)
  writeFileSync(stampFile, stamp)
}
