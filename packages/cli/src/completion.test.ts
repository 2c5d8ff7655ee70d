import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { commands } from './registry.ts'
import { CliBench } from './test-support/cli-bench.ts'

let bench: CliBench
before(async () => {
  bench = await CliBench.start()
})
after(() => bench.close())

test('help of every command fits 80 columns and has examples', async () => {
  const texts = [await bench.ok('--help')]
  for (const { name, summary, load } of commands) {
    const text = await bench.ok(`${name} --help`)
    assert.match(text, /^Examples:$/m, name)
    assert.equal((await load()).summary, summary)
    texts.push(text)
  }
  for (const line of texts.join('').split('\n')) assert.ok([...line].length <= 80, line)
})

test('completion offers commands, flags and paths', async () => {
  await bench.ok('mkdir -p /complete/directory')
  await bench.run(['touch', '/complete/die Datei'])
  const { url } = bench.cluster
  const offered = async (...words: string[]) =>
    (await bench.run(['__complete', ...words])).stdout.split('\n').slice(0, -1)
  assert.deepEqual((await offered('ch')).sort(), ['checksum', 'chmod', 'chown'])
  assert.ok((await offered('rm', '-s')).includes('-skipTrash'))
  assert.deepEqual(await offered('ls', '/complete/di'), ['/complete/die Datei', '/complete/directory/'])
  assert.deepEqual(await offered('ls', `${url}/complete/dir`), [`${url}/complete/directory/`])
  assert.deepEqual(await offered('put', 'x'), [':files'])
  assert.deepEqual(await offered('put', 'x', '/complete/dir'), [':files', '/complete/directory/'])
  assert.deepEqual(await offered('put', '-t', '4', 'x', '/complete/dir'), [':files', '/complete/directory/'])
  assert.deepEqual(await offered('completion', ''), ['bash', 'fish', 'zsh'])
  assert.deepEqual(await offered('ls', '/none/x'), [])
  assert.deepEqual(await offered('none', 'x'), [])
})

test('every shell has a script', async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match(await bench.ok(`completion ${shell}`), /cairn __complete/)
  await bench.fails('completion tcsh', 2)
})
