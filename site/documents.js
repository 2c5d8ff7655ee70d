// Which documents of the repository the website has, where each stands, and how their markdown becomes a page.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import markdownIt from 'markdown-it'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const languages = { typescript: 'TypeScript', python: 'Python', c: 'C' }

/** Every `*.md` of a folder, sorted, with an order of its own for those named first. */
function markdown(folder, first = []) {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'))
  const rest = names.filter((name) => !first.includes(name)).sort()
  return [...first.filter((name) => names.includes(name)), ...rest].map((name) => join(folder, name))
}

/** Path in the repository → section and address. */
function list() {
  const entries = []
  const add = (section, path, url, options = {}) => {
    if (existsSync(join(root, path))) entries.push({ section, path, url, ...options })
  }
  const chapters = markdown('petrichor/spec').filter((path) => /\/\d-/.test(path))
  add('Petrichor', 'petrichor/spec/README.md', 'petrichor/')
  for (const path of chapters) add('Petrichor', path, `petrichor/${/\d-(.*)\.md$/.exec(path)[1]}/`)
  add('Petrichor', 'petrichor/spec/rules.md', 'petrichor/rules/')
  add('Petrichor', 'petrichor/spec/vectors.md', 'petrichor/vectors/')
  for (const name of ['tnetstrings', 'petrichor']) {
    add('Petrichor', `docs/protocols/${name}.md`, `petrichor/rules/${name}/`)
  }
  for (const name of ['tnetstrings', 'petrichor', 'petrichor-helpers', 'petrichor-patterns']) {
    add('Petrichor packages', `packages/${name}/README.md`, `packages/${name}/`)
  }
  for (const name of ['python', 'ruby', 'c'])
    add('Petrichor packages', `petrichor/${name}/README.md`, `packages/${name}/`)
  add('Petrichor packages', 'petrichor/interop/README.md', 'packages/interop/')
  add('Cairn', 'README.md', 'cairn/')
  add('Cairn', 'ARCHITECTURE.md', 'cairn/architecture/')
  add('Cairn', 'CONTRIBUTING.md', 'cairn/contributing/')
  for (const path of markdown('docs')) add('Cairn', path, `cairn/${/([^/]+)\.md$/.exec(path)[1]}/`)
  const packages = readdirSync(join(root, 'packages')).filter(
    (name) => !/^(tnetstrings|petrichor.*|testkit)$/.test(name),
  )
  for (const name of packages) add("Cairn's packages", `packages/${name}/README.md`, `packages/${name}/`)
  for (const path of markdown('docs/protocols')) {
    if (/\/(tnetstrings|petrichor)\.md$/.test(path)) continue
    add("Cairn's protocols", path, `protocols/${/([^/]+)\.md$/.exec(path)[1]}/`)
  }
  for (const path of markdown('docs/decisions'))
    add('Decisions', path, `decisions/${/(\d+)-/.exec(path)[1]}/`)
  return entries
}

export const documents = list().map((entry) => {
  const text = readFileSync(join(root, entry.path), 'utf8')
  const title = /^# (.+)$/m.exec(text)?.[1].replaceAll('`', '') ?? entry.path
  return { ...entry, text, title }
})
const byPath = new Map(documents.map((document) => [document.path, document]))

const slug = (text) =>
  text
    .toLowerCase()
    .replace(/<[^>]*>|[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s+/g, '-')

/** Where a link of one document leads on the website; undefined: to nothing that is on it. */
function linkOf(document, target) {
  if (/^(https?:|mailto:|#)/.test(target)) return target
  const [path, anchor] = target.split('#')
  const found = byPath.get(normalize(join(dirname(document.path), path)))
  if (found === undefined) return undefined
  const way = relative(join('/', document.url), join('/', found.url)) || '.'
  return `${way}/${anchor === undefined ? '' : `#${anchor}`}`
}

const md = markdownIt({ html: false, typographer: false })
md.renderer.rules.fence = (tokens, index) => {
  const { info, content } = tokens[index]
  const language = info.trim().split(/\s/)[0]
  const code = `<pre tabindex="0"><code>${md.utils.escapeHtml(content)}</code></pre>`
  if (!(language in languages)) return code
  const isOther = (at) => tokens[at]?.type === 'fence' && tokens[at].info.trim() in languages
  const begin = isOther(index - 1) ? '' : '<div class="languages">'
  const end = isOther(index + 1) ? '' : '</div>'
  return `${begin}<figure data-language="${language}"><figcaption>${languages[language]}</figcaption>${code}</figure>${end}`
}
md.renderer.rules.heading_open = (tokens, index, options, _env, self) => {
  tokens[index].attrSet('id', slug(tokens[index + 1].content))
  return self.renderToken(tokens, index, options)
}
md.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>'
md.renderer.rules.table_close = () => '</table></div>'
md.core.ruler.push('links', (state) => {
  for (const block of state.tokens) {
    const children = block.children ?? []
    for (const [at, token] of children.entries()) {
      if (token.type === 'image') {
        // Pictures of the repository are not on the website.
        children[at] = Object.assign(new state.Token('text', '', 0), { content: token.content })
      }
      if (token.type !== 'link_open') continue
      const target = linkOf(state.env.document, token.attrGet('href'))
      if (target !== undefined) {
        token.attrSet('href', target)
        continue
      }
      const close = children.findIndex((other, index) => index > at && other.type === 'link_close')
      for (const [index, tag] of [
        [at, 'span'],
        [close, 'span'],
      ])
        children[index].tag = tag
      token.attrs = null
    }
  }
})

/** Rule → the page that has it. */
const rulePages = new Map(
  documents
    .filter(({ path }) => path.startsWith('docs/protocols/'))
    .flatMap(({ text, url }) =>
      [...text.matchAll(/\*\*\[([a-z]+(?:\.[a-z-]+)+\.\d+)\]\*\*/g)].map(([, rule]) => [rule, url]),
    ),
)

/** In the specification, a rule's number leads to the rule. */
const ruleLinks = (html, document) =>
  html.replace(/\[([a-z]+(?:\.[a-z-]+)+\.\d+)\]/g, (whole, rule) => {
    const page = rulePages.get(rule)
    if (page === undefined) return whole
    return `<a class="rule" href="${relative(join('/', document.url), join('/', page))}/#${rule}">${whole}</a>`
  })

/** A rule's number can be linked to. */
const ruleAnchor = (html) =>
  html.replace(
    /<strong>\[((?:[a-z]+)(?:\.[a-z-]+)+\.\d+)\]<\/strong>/g,
    '<strong class="rule" id="$1">[$1]</strong>',
  )

export function render(document) {
  const html = md.render(document.text, { document })
  return document.path.startsWith('petrichor/spec/') ? ruleLinks(html, document) : ruleAnchor(html)
}

/** What the search of the website looks through: a heading each. */
export function searchEntries() {
  return documents.flatMap(({ text, title, url }) => {
    const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^##+ (.+)$/gm)].map(
      ([, heading]) => heading,
    )
    const own = { title, at: url }
    return [
      own,
      ...headings.map((heading) => ({ title: `${heading} · ${title}`, at: `${url}#${slug(heading)}` })),
    ]
  })
}
