// The decoder page: bytes to a tree, by the package as it is published, which also says where they go wrong.
import { bodyLimits, TnetstringDecoder, TnetstringError, TnsFloat } from '../js/tnetstrings/index.js'

const byId = (id) => document.getElementById(id)
const [input, form, tree, bytesView, verdict] = ['input', 'form', 'tree', 'bytes', 'verdict'].map(byId)
const shownMax = 4096
const typeNames = {
  ',': 'bytes',
  '#': 'integer',
  '^': 'float',
  '!': 'boolean',
  '~': 'null',
  '}': 'dict',
  ']': 'list',
}
/** Bytes of a file, which the text field does not show. */
let fileBytes

function readInput() {
  if (fileBytes !== undefined) return fileBytes
  const text = input.value
  if (form.elements.form.value === 'text') return new TextEncoder().encode(text)
  const digits = text.replace(/\s|0x|,/g, '')
  const at = digits.search(/[^0-9a-fA-F]/)
  if (at >= 0) throw new Error(`“${digits[at]}” is no hexadecimal digit`)
  if (digits.length % 2 !== 0) throw new Error('half a byte is left over')
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** The values that came before the first wrong byte, where each ends, and the fault. */
function decodeAll(bytes, strict) {
  const decoder = new TnetstringDecoder({ strict, floats: 'wrapped', limits: bodyLimits })
  const values = []
  let start = 0
  try {
    decoder.push(bytes)
    for (let value = decoder.next(); value !== undefined; value = decoder.next()) {
      values.push({ value, start, end: decoder.position })
      start = decoder.position
    }
    decoder.end()
  } catch (error) {
    if (!(error instanceof TnetstringError)) throw error
    return { values, error }
  }
  return { values }
}

const element = (name, className, text) => {
  const made = document.createElement(name)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A value as its type, what it is, and its children. */
function describe(value) {
  if (value === null) return ['null', 'null']
  if (typeof value === 'boolean') return ['boolean', String(value)]
  if (typeof value === 'number' || typeof value === 'bigint') return ['integer', String(value)]
  if (value instanceof TnsFloat) return ['float', Object.is(value.value, -0) ? '-0' : String(value.value)]
  if (value instanceof Uint8Array) {
    const text = textOf(value.subarray(0, shownMax))
    const shown =
      text === undefined
        ? [...value.subarray(0, 64)].map((b) => b.toString(16).padStart(2, '0')).join(' ')
        : JSON.stringify(text)
    return [`bytes ${value.length}`, shown]
  }
  const entries = Array.isArray(value) ? value.map((item, at) => [at, item]) : Object.entries(value)
  return [Array.isArray(value) ? `list ${entries.length}` : `dict ${entries.length}`, '', entries]
}

let drawn = 0
function node(label, value) {
  const [type, text, entries] = describe(value)
  const line = [
    element('span', 'label', label),
    element('span', 'type', type),
    element('span', 'value', text),
  ]
  if (entries === undefined) {
    const leaf = element('div', 'leaf')
    leaf.append(...line)
    return leaf
  }
  const branch = element('details', 'branch')
  const summary = element('summary')
  summary.append(...line)
  branch.append(summary)
  for (const [key, inner] of entries) {
    if (++drawn > shownMax) {
      branch.append(element('div', 'leaf', '… and more'))
      break
    }
    branch.append(node(typeof key === 'number' ? `${key}` : JSON.stringify(key), inner))
  }
  branch.open = entries.length <= 100
  return branch
}

const printable = (byte) =>
  byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? '␠' : '·'

/** The bytes with values in turn of two colours, and the first wrong one marked. */
function drawBytes(bytes, values, offset) {
  bytesView.replaceChildren()
  const from = offset === undefined || offset < shownMax ? 0 : offset - shownMax / 2
  const to = Math.min(bytes.length, from + shownMax)
  let at = 0
  if (from > 0) bytesView.append(element('span', 'note', `${from} bytes before … `))
  for (let index = from; index < to; index++) {
    while (at < values.length && values[at].end <= index) at++
    const byte = element(
      'span',
      at < values.length ? `byte v${at % 2}` : 'byte rest',
      printable(bytes[index]),
    )
    byte.title = `byte ${index}: 0x${bytes[index].toString(16).padStart(2, '0')}`
    if (index === offset) byte.classList.add('wrong')
    bytesView.append(byte)
  }
  if (offset !== undefined && offset >= bytes.length) bytesView.append(element('span', 'byte wrong', '⏎'))
  if (to < bytes.length) bytesView.append(element('span', 'note', ` … ${bytes.length - to} more`))
}

function show() {
  tree.replaceChildren()
  let bytes
  try {
    bytes = readInput()
  } catch (error) {
    bytesView.replaceChildren()
    verdict.textContent = error.message
    verdict.className = 'bad'
    return
  }
  drawn = 0
  const { values, error } = decodeAll(bytes, form.elements.strict.checked)
  drawBytes(bytes, values, error?.offset)
  const pairs = values.every(
    ({ value }, at) => at % 2 === 1 || (value !== null && describe(value)[0].startsWith('dict')),
  )
  for (const [at, { value, start, end }] of values.entries()) {
    const part =
      pairs && values.length > 1 ? (at % 2 === 0 ? `header ${at / 2 + 1}` : 'body') : `value ${at + 1}`
    const item = node(part, value)
    item.title = `bytes ${start} to ${end - 1}, ${typeNames[String.fromCharCode(bytes[end - 1])]}`
    tree.append(item)
  }
  verdict.className = error === undefined ? 'good' : 'bad'
  const count = `${values.length} ${values.length === 1 ? 'value' : 'values'}`
  verdict.textContent =
    error === undefined
      ? `${count}, ${bytes.length} bytes, all good`
      : `${count}, then ${error.code}: ${error.message}`
}

const fromAddress = () => {
  const hash = decodeURIComponent(location.hash.slice(1))
  if (hash === '') return
  fileBytes = undefined
  form.elements.form.value = hash.startsWith('hex=') ? 'hex' : 'text'
  input.value = hash.startsWith('hex=') ? hash.slice(4) : hash
  show()
}

input.addEventListener('input', () => {
  fileBytes = undefined
  show()
})
form.addEventListener('change', show)
form.addEventListener('submit', (event) => event.preventDefault())
byId('file').addEventListener('change', async (event) => {
  const [file] = event.target.files
  if (file === undefined) return
  fileBytes = new Uint8Array(await file.arrayBuffer())
  show()
})
addEventListener('hashchange', fromAddress)
show()
fromAddress()
