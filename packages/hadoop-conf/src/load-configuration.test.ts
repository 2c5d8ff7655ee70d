// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Hadoop's own variables
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadConfiguration } from './load-configuration.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-conf-'))
})
after(() => rm(folder, { recursive: true }))

function property(name: string, value: string, final = false): string {
  return `<property><name>${name}</name><value>${value}</value>${final ? '<final>true</final>' : ''}</property>`
}
function put(name: string, ...elements: string[]): Promise<void> {
  return writeFile(join(folder, name), `<configuration>${elements.join('')}</configuration>`)
}

test('loadConfiguration reads the site files in order, keeps final values, lets overrides win', async () => {
  await put(
    'core-site.xml',
    property('fs.defaultFS', 'hdfs://a:1'),
    property('x', 'core', true),
    property('y', 'core'),
  )
  await put('hdfs-site.xml', property('x', 'hdfs'), property('y', 'hdfs'), property('z', '${y}!'))
  const env = { HADOOP_CONF_DIR: folder }
  const plain = await loadConfiguration({ env })
  assert.deepEqual(
    ['fs.defaultFS', 'x', 'y', 'z'].map((name) => plain.get(name)),
    ['hdfs://a:1', 'core', 'hdfs', 'hdfs!'],
  )
  assert.equal(plain.property('x')?.source, join(folder, 'core-site.xml'))
  const overridden = await loadConfiguration({ env, overrides: { x: 'mine', y: undefined, n: 3 } })
  assert.deepEqual(
    ['x', 'y', 'n'].map((name) => overridden.get(name)),
    ['mine', 'hdfs', '3'],
  )
})

test('loadConfiguration includes local files, relative to the file that names them', async () => {
  await put('more.xml', property('from', 'more'))
  await put(
    'a.xml',
    '<include href="more.xml"/>',
    '<include href="none.xml"><fallback>',
    property('fall', 'back'),
    '</fallback></include>',
  )
  const configuration = await loadConfiguration({ env: {}, files: [join(folder, 'a.xml')] })
  assert.equal(configuration.get('from'), 'more')
  assert.equal(configuration.get('fall'), 'back')
})

test('loadConfiguration refuses loops of includes, remote includes and missing files', async () => {
  await put('loop.xml', '<include href="loop.xml"/>')
  await put('remote.xml', '<include href="http://example.com/x.xml"/>')
  await put('gone.xml', '<include href="none.xml"/>')
  const load = (name: string) => loadConfiguration({ env: {}, files: [join(folder, name)] })
  await assert.rejects(load('loop.xml'), { code: 'ERR_CONF_LIMIT' })
  await assert.rejects(load('remote.xml'), { code: 'ERR_CONF_INCLUDE' })
  await assert.rejects(load('gone.xml'), { code: 'ERR_CONF_INCLUDE' })
  await assert.rejects(load('absent.xml'), { code: 'ERR_CONF_FILE' })
  await assert.rejects(loadConfiguration({ confDir: join(folder, 'absent') }), {
    code: 'ERR_CONF_FILE',
    message: /ENOENT/,
  })
})

test('loadConfiguration is empty without a folder', async () => {
  const configuration = await loadConfiguration({ env: { HADOOP_HOME: folder } })
  assert.deepEqual([...configuration.properties()], [])
  assert.equal(
    (await loadConfiguration({ confDir: false, env: { HADOOP_CONF_DIR: folder } })).get('x'),
    undefined,
  )
})
